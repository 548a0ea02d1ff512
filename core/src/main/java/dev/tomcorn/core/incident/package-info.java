/**
 * What is kept about a worker that failed: its last readings, and the cause of its death.
 */
@NullMarked
package dev.tomcorn.core.incident;

import org.jspecify.annotations.NullMarked;
