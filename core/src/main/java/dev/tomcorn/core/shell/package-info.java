/**
 * The shell command that shows and controls a fleet from outside.
 */
@NullMarked
package dev.tomcorn.core.shell;

import org.jspecify.annotations.NullMarked;
