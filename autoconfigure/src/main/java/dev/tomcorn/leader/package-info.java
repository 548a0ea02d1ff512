/**
 * The leader among the workers: one at most, what only it does, and in which workers that
 * starts which an application starts by itself.
 */
@NullMarked
package dev.tomcorn.leader;

import org.jspecify.annotations.NullMarked;
