/**
 * The public API of an application. {@code docs/public-api.txt} lists it, together with
 * the events of the fleet, which belong to the arbiter and need no Spring.
 *
 * @see dev.tomcorn.core.arbiter.FleetListener
 */
@NullMarked
package dev.tomcorn;

import org.jspecify.annotations.NullMarked;
