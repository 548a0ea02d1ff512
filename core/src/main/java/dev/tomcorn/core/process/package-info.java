/**
 * The command line of a worker, its launch, its identity and how it ended; signals of the
 * operating system.
 */
@NullMarked
package dev.tomcorn.core.process;

import org.jspecify.annotations.NullMarked;
