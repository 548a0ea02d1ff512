/**
 * The mapped file with one slot a worker, written by its worker and read by all.
 */
@NullMarked
package dev.tomcorn.core.scoreboard;

import org.jspecify.annotations.NullMarked;
