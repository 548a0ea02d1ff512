/**
 * Logs and telemetry of a process. Adds the process to log lines and telemetry, and logs
 * a stack once if several processes fail in the same way.
 */
@NullMarked
package dev.tomcorn.logs;

import org.jspecify.annotations.NullMarked;
