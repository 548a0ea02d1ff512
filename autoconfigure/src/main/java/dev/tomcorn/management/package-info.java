/**
 * What makes the management endpoints of any worker speak for the fleet, or for a given
 * worker: requests handed on, health, levels of loggers.
 */
@NullMarked
package dev.tomcorn.management;

import org.jspecify.annotations.NullMarked;
