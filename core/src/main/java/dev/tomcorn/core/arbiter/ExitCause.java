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

	/** A signal ended it; the description says who sent it, if that is known. */
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

	/**
	 * It did not end within the graceful timeout and the time to close its application.
	 */
	STUCK_IN_DRAIN,

	/** Its process could not be started. */
	SPAWN_FAILURE,

	/** It was replaced because it, the arbiter or an operator asked for it. */
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
