/**
 * What an application may import. {@code docs/public-api.txt} lists it, together with the
 * events of the fleet, which its arbiter knows without Spring.
 *
 * @see dev.tomcorn.core.arbiter.FleetListener
 */
@NullMarked
package dev.tomcorn;

import org.jspecify.annotations.NullMarked;
