/**
 * What an application starts by itself: when that may start in a worker of a fleet, and
 * in which of them.
 */
@NullMarked
package dev.tomcorn.lifecycle;

import org.jspecify.annotations.NullMarked;
