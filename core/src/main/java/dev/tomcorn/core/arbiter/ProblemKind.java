package dev.tomcorn.core.arbiter;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The kinds of problems, the worst first, and causes before their consequences. For
 * example, requests that wait for a database also run for long.
 */
public enum ProblemKind {

	/** A signal has stopped the arbiter, or it gets no CPU. */
	ARBITER_SILENT(false),

	/** A signal has stopped a worker. */
	WORKER_STOPPED(false),

	/** A worker does no useful work for another reason than a signal or held carriers. */
	WORKER_SILENT(false),

	/** No virtual thread of a worker runs, because all carriers are held. */
	CARRIERS_HELD(false),

	/** Threads of a worker wait for each other forever. */
	DEADLOCK(false),

	/** A new generation does not boot. */
	BOOT_FAILURE(true),

	/** Requests wait for a connection to the database. */
	CONNECTION_POOL(false),

	/** A process has nearly reached its limit of open files and connections. */
	FILE_DESCRIPTORS(false),

	/** The control group has nearly reached its memory limit. */
	MEMORY_LIMIT(false),

	/** Other processes use the CPU, or a limit throttles it. */
	CPU_TAKEN(false),

	/** A disk that the fleet writes to is full. */
	DISK_FULL(false),

	/** A heap is nearly full even after a collection. */
	HEAP_FULL(false),

	/** Requests have failed because memory other than the heap ran out. */
	OUT_OF_MEMORY(false),

	/** The workers of an index keep dying. */
	CRASH_LOOP(true),

	/** Every place is taken, and connections wait for long. */
	PLACES_BUSY(false),

	/** A request runs for unusually long. */
	LONG_REQUEST(false),

	/** The clock of the machine was set, or the machine slept. */
	CLOCK_JUMP(false),

	/** Workers have died recently. Others have replaced them. */
	WORKER_DEATHS(true);

	private final boolean coveredByEvents;

	ProblemKind(boolean coveredByEvents) {
		this.coveredByEvents = coveredByEvents;
	}

	/**
	 * Return whether log and history report the underlying events, and so not the problem
	 * itself.
	 */
	boolean coveredByEvents() {
		return this.coveredByEvents;
	}

	/**
	 * Return whether the start of the problem may change: it is that of the request or
	 * death that the problem currently describes.
	 * @return whether it may change
	 */
	public boolean follows() {
		return this == LONG_REQUEST || this == WORKER_DEATHS;
	}

	/**
	 * Return the kind in the form for users.
	 * @return its name in lower case, with dashes
	 */
	public String key() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	/**
	 * Return the kind of a name.
	 * @param key its name in any case, with dashes or underscores
	 * @return the kind, empty if there is none of that name
	 */
	public static Optional<ProblemKind> of(String key) {
		String name = key.strip().toUpperCase(Locale.ROOT).replace('-', '_');
		return Arrays.stream(values()).filter((kind) -> kind.name().equals(name)).findFirst();
	}

}
