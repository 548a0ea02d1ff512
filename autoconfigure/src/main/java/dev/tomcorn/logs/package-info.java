/**
 * What the logs and the telemetry of a process say beyond its application's own words:
 * which process it is, and a stack once where several processes fail in the same way.
 */
@NullMarked
package dev.tomcorn.logs;

import org.jspecify.annotations.NullMarked;
