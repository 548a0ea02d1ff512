package dev.tomcorn.core.arbiter;

/**
 * How a worker's process ended and, as far as that is known, of what.
 *
 * @param cause what it died of
 * @param description the same for the operator, such as
 * {@code out of heap memory (exit code 3)}
 */
public record Death(Cause cause, String description) {

	/**
	 * What a worker dies of.
	 */
	public enum Cause {

		/** It ended itself with an exit code. */
		EXIT,

		/** Somebody sent it a signal that ended it. */
		SIGNAL,

		/** A fault in the JVM or in native code. */
		CRASH,

		/** Its heap or metaspace was exhausted. */
		OUT_OF_HEAP,

		/** The kernel killed it for want of memory. */
		KERNEL_OUT_OF_MEMORY,

		/** It did not become ready: the application failed or took too long. */
		BOOT_FAILURE,

		/** Its heartbeat was silent for longer than the timeout. */
		SILENT,

		/** It did not end in time when it was to. */
		STUCK_IN_DRAIN,

		/** Its process could not be started. */
		SPAWN_FAILURE

	}

}
