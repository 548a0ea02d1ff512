/**
 * Calls of the C library.
 */
@NullMarked
package dev.tomcorn.core.foreign;

import org.jspecify.annotations.NullMarked;
