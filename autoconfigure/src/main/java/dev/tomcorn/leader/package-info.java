/**
 * The leader among the workers: one at most, and what only it does.
 */
@NullMarked
package dev.tomcorn.leader;

import org.jspecify.annotations.NullMarked;
