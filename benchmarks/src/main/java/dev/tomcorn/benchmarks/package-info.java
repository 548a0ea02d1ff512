/**
 * The application of the load comparisons, the same for every Java candidate.
 */
@NullMarked
package dev.tomcorn.benchmarks;

import org.jspecify.annotations.NullMarked;
