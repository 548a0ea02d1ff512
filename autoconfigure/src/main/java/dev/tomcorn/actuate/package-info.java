/**
 * The actuator endpoint that shows the fleet.
 */
@NullMarked
package dev.tomcorn.actuate;

import org.jspecify.annotations.NullMarked;
