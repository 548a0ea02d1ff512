/**
 * The requests of a worker: those in flight, their limits and their figures.
 */
@NullMarked
package dev.tomcorn.request;

import org.jspecify.annotations.NullMarked;
