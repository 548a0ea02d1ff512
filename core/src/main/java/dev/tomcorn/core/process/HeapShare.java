package dev.tomcorn.core.process;

import java.util.List;

import dev.tomcorn.core.arbiter.ArbiterSettings;

/**
 * The heap that the workers of a fleet share.
 *
 * @param bytes the total heap, 0 if the user chose a size for each worker
 */
public record HeapShare(long bytes) {

	/**
	 * Largest heap in megabytes with compressed pointers, less a margin.
	 */
	private static final int COMPRESSED = 31 * 1024;

	private static final int MEGABYTE = 1024 * 1024;

	/**
	 * Return the share of one worker.
	 * @param settings how many workers there are, standbys included
	 * @return the share in megabytes, at least 1
	 */
	public long megabytes(ArbiterSettings settings) {
		return Math.max(this.bytes / (settings.workers() + settings.standby()) / MEGABYTE, 1);
	}

	/**
	 * Return whether the share of one worker may be too large for compressed pointers.
	 * @param settings how many workers there are, standbys included
	 * @return whether it is
	 */
	public boolean isLarge(ArbiterSettings settings) {
		return megabytes(settings) >= COMPRESSED;
	}

	/**
	 * Return the JVM options that give a worker its share.
	 * @param settings how many workers there are, standbys included
	 * @return the options
	 */
	public List<String> options(ArbiterSettings settings) {
		return (this.bytes == 0) ? List.of() : List.of("-Xmx" + megabytes(settings) + "m");
	}

}
