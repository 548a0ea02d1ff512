/**
 * Meters of a worker and its fleet, and how those of all workers become one answer.
 */
@NullMarked
package dev.tomcorn.metrics;

import org.jspecify.annotations.NullMarked;
