/**
 * Meters of a worker and of its fleet, and their combination into one answer.
 */
@NullMarked
package dev.tomcorn.metrics;

import org.jspecify.annotations.NullMarked;
