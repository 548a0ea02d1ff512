/**
 * What the load comparisons measure: the same application for every Java candidate.
 */
@NullMarked
package dev.tomcorn.benchmarks;

import org.jspecify.annotations.NullMarked;
