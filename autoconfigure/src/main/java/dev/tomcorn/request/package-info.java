/**
 * The requests that a worker runs: those in flight, their limits and their figures.
 */
@NullMarked
package dev.tomcorn.request;

import org.jspecify.annotations.NullMarked;
