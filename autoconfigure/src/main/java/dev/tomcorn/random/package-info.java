/**
 * Random values that are the same in all workers of a fleet: properties, and the password
 * that Boot generates. {@link dev.tomcorn.random.RandomId} recognizes IDs that each
 * worker draws for itself.
 */
@NullMarked
package dev.tomcorn.random;

import org.jspecify.annotations.NullMarked;
