/**
 * The shared listening socket and the few C library calls it takes.
 */
@NullMarked
package dev.tomcorn.core.listener;

import org.jspecify.annotations.NullMarked;
