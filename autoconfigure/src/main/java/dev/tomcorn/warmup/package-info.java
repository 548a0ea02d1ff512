/**
 * Warms a worker up by requests to its own application, before it takes traffic.
 */
@NullMarked
package dev.tomcorn.warmup;

import org.jspecify.annotations.NullMarked;
