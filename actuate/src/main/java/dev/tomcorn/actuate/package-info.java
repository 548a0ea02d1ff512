/**
 * The management endpoints of a fleet: its own with the fleet page, and what makes the
 * endpoints of any worker answer for the fleet or for a selected worker.
 */
@NullMarked
package dev.tomcorn.actuate;

import org.jspecify.annotations.NullMarked;
