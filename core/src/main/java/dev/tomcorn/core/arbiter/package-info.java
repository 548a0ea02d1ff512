/**
 * The arbiter's loop, the pure state machine that holds the supervision policy, and the
 * seams both need.
 */
@NullMarked
package dev.tomcorn.core.arbiter;

import org.jspecify.annotations.NullMarked;
