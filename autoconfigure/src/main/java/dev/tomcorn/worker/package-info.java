/**
 * The worker's own life: joining its arbiter, showing that it is alive, draining, ending.
 */
@NullMarked
package dev.tomcorn.worker;

import org.jspecify.annotations.NullMarked;
