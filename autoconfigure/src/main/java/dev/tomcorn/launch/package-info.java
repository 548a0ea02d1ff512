/**
 * What a JVM is to be: an application of its own, an arbiter or a worker, and why; and
 * the files that name a fleet.
 */
@NullMarked
package dev.tomcorn.launch;

import org.jspecify.annotations.NullMarked;
