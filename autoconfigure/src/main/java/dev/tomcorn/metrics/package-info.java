/**
 * Meters of the worker and its fleet.
 */
@NullMarked
package dev.tomcorn.metrics;

import org.jspecify.annotations.NullMarked;
