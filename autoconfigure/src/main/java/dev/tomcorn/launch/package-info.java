/**
 * What a JVM is to be: an application of its own, an arbiter or a worker, and why; how it
 * becomes that, and what its start tells of failures.
 */
@NullMarked
package dev.tomcorn.launch;

import org.jspecify.annotations.NullMarked;
