/**
 * The command line, launch, identity and exit of workers, and signals of the operating
 * system.
 */
@NullMarked
package dev.tomcorn.core.process;

import org.jspecify.annotations.NullMarked;
