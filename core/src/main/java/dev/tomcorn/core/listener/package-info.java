/**
 * The shared listening sockets and the C library calls that they need.
 */
@NullMarked
package dev.tomcorn.core.listener;

import org.jspecify.annotations.NullMarked;
