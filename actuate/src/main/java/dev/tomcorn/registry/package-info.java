/**
 * What makes the workers of a fleet one instance in a service registry.
 */
@NullMarked
package dev.tomcorn.registry;

import org.jspecify.annotations.NullMarked;
