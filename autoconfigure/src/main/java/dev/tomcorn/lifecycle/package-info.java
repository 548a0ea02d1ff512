/**
 * What an application begins by itself: when that is due in a worker of a fleet, and in
 * which of them.
 */
@NullMarked
package dev.tomcorn.lifecycle;

import org.jspecify.annotations.NullMarked;
