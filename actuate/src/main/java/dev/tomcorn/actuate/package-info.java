/**
 * The management endpoints of a fleet: that of its own with the fleet page, and what
 * makes those of any worker speak for the fleet or for a given worker.
 */
@NullMarked
package dev.tomcorn.actuate;

import org.jspecify.annotations.NullMarked;
