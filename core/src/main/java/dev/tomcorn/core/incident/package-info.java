/**
 * Incidents: the last readings of a worker that failed, and the cause of its death.
 */
@NullMarked
package dev.tomcorn.core.incident;

import org.jspecify.annotations.NullMarked;
