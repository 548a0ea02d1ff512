package dev.tomcorn.core.arbiter;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * Why a worker is gone: the cause of its death, or the reason why the arbiter ended it.
 * Reports store the ordinal, so add constants only at the end.
 */
public enum ExitCause {

	/** It ended itself with an exit code. */
	EXIT,

	/** A signal that the arbiter did not send ended it. */
	SIGNAL,

	/** A fault in the JVM or in native code. */
	CRASH,

	/** Its heap or metaspace was exhausted. */
	OUT_OF_HEAP,

	/** The kernel killed it because memory ran out. */
	KERNEL_OUT_OF_MEMORY,

	/** It did not become ready: the application failed or took too long. */
	BOOT_FAILURE,

	/** Its heartbeat was silent for longer than the timeout. */
	SILENT,

	/** It did not end within the graceful timeout. */
	STUCK_IN_DRAIN,

	/** Its process could not be started. */
	SPAWN_FAILURE,

	/** It had reached a limit and was replaced. */
	RECYCLE,

	/** A worker of another generation has replaced it. */
	RELOAD,

	/** It was no longer needed. */
	STOP;

	/**
	 * The causes of an unplanned death. The others are those of a planned end.
	 */
	public static final Set<ExitCause> DEATHS = Collections.unmodifiableSet(EnumSet.range(EXIT, SPAWN_FAILURE));

}
