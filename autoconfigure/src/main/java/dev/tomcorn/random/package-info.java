/**
 * Random values that all workers of a fleet need the same: properties, and the password
 * that Boot generates. {@link dev.tomcorn.random.RandomId} finds the ids that each worker
 * draws for itself.
 */
@NullMarked
package dev.tomcorn.random;

import org.jspecify.annotations.NullMarked;
