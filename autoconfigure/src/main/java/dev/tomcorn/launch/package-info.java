/**
 * The role of a JVM: a solo application, an arbiter or a worker. Decides it, carries it
 * out, and reports failures at the start.
 */
@NullMarked
package dev.tomcorn.launch;

import org.jspecify.annotations.NullMarked;
