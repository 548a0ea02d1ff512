/**
 * The peer channel, through which the workers of a fleet reach each other.
 */
@NullMarked
package dev.tomcorn.peer;

import org.jspecify.annotations.NullMarked;
