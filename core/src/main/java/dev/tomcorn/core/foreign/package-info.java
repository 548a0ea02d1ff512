/**
 * Calls of the C library, and flags in the memory of this JVM.
 */
@NullMarked
package dev.tomcorn.core.foreign;

import org.jspecify.annotations.NullMarked;
