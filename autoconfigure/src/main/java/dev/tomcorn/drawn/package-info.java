/**
 * Values drawn at random that all workers of a fleet need the same: properties, and the
 * password that Boot generates. {@link dev.tomcorn.drawn.RandomId} finds the ids that
 * each worker draws for itself.
 */
@NullMarked
package dev.tomcorn.drawn;

import org.jspecify.annotations.NullMarked;
