/**
 * Registers the workers of a fleet as one instance in a service registry.
 */
@NullMarked
package dev.tomcorn.registry;

import org.jspecify.annotations.NullMarked;
