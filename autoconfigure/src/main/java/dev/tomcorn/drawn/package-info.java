/**
 * Values drawn at random that all workers of a fleet need the same: properties, and the
 * password that Boot generates.
 */
@NullMarked
package dev.tomcorn.drawn;

import org.jspecify.annotations.NullMarked;
