package dev.tomcorn.core.incident;

import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * Settings of incidents.
 *
 * @param directory directory of the incident folders, or {@code null} for a private one
 * among the temporary files
 * @param maxCount most incident folders, 0 for none at all
 * @param maxSize most bytes of all incident folders together
 * @param heapDump whether an incident includes a heap dump
 * @param flightRecording whether workers record continuously, so that an incident
 * includes the last minutes
 */
public record IncidentSettings(@Nullable Path directory, int maxCount, long maxSize, boolean heapDump,
		boolean flightRecording) {
}
