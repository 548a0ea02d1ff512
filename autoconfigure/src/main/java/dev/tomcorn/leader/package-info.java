/**
 * The leader among the workers, of which there is at most one. Determines what only the
 * leader does, and in which workers background work starts.
 */
@NullMarked
package dev.tomcorn.leader;

import org.jspecify.annotations.NullMarked;
