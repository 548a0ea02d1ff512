/**
 * The shell command that shows and steers a fleet from outside of it.
 */
@NullMarked
package dev.tomcorn.core.shell;

import org.jspecify.annotations.NullMarked;
