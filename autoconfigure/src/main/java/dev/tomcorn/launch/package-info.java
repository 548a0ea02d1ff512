/**
 * How an application starts as a fleet, and what its processes are started with.
 */
@NullMarked
package dev.tomcorn.launch;

import org.jspecify.annotations.NullMarked;
