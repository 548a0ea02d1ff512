/**
 * The lifecycle of a worker: joining its arbiter, heartbeat, recycling, draining, ending.
 */
@NullMarked
package dev.tomcorn.worker;

import org.jspecify.annotations.NullMarked;
