/**
 * How the workers of a fleet reach each other: the peer channel.
 */
@NullMarked
package dev.tomcorn.peer;

import org.jspecify.annotations.NullMarked;
