/**
 * What is wrong with a fleet: one list, made in the arbiter from what it can see without
 * asking a worker and from what workers have told.
 */
@NullMarked
package dev.tomcorn.core.problem;

import org.jspecify.annotations.NullMarked;
