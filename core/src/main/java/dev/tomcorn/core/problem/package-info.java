/**
 * The problems of a fleet: one list, which the arbiter makes from its own readings and
 * from the reports of workers.
 */
@NullMarked
package dev.tomcorn.core.problem;

import org.jspecify.annotations.NullMarked;
