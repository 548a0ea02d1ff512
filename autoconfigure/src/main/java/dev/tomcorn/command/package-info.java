/**
 * The shell command that shows and steers a fleet from outside of it.
 */
@NullMarked
package dev.tomcorn.command;

import org.jspecify.annotations.NullMarked;
