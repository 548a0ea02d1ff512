package dev.tomcorn.core.arbiter;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What can be wrong with a fleet, the worst first, and a cause before what it leads to:
 * requests that wait for a database also run for long.
 */
public enum ProblemKind {

	/** A signal has stopped the arbiter, or it gets no CPU. */
	ARBITER_SILENT(false),

	/** A signal has stopped a worker. */
	WORKER_STOPPED(false),

	/** A worker does no useful work, and neither a signal nor held carriers are why. */
	WORKER_SILENT(false),

	/** Nothing in a worker runs on virtual threads, for all carriers are held. */
	CARRIERS_HELD(false),

	/** Threads of a worker wait for each other for ever. */
	DEADLOCK(false),

	/** A new generation does not come up. */
	BOOT_FAILURE(true),

	/** Requests wait for a connection to the database. */
	CONNECTION_POOL(false),

	/** A process has nearly as many files and connections open as it may. */
	FILE_DESCRIPTORS(false),

	/** The control group has nearly as much memory as it may. */
	MEMORY_LIMIT(false),

	/** Others have the CPU, or a limit takes it away. */
	CPU_TAKEN(false),

	/** A disk is full that the fleet writes to. */
	DISK_FULL(false),

	/** A heap is nearly full also after a collection. */
	HEAP_FULL(false),

	/** Requests have failed for want of memory other than the heap. */
	OUT_OF_MEMORY(false),

	/** The workers of a place keep dying. */
	CRASH_LOOP(true),

	/** Every place is taken, and connections wait for long. */
	PLACES_BUSY(false),

	/** A request runs for unusually long. */
	LONG_REQUEST(false),

	/** The clock of the machine was set, or the machine slept. */
	CLOCK_JUMP(false),

	/** Workers have died lately. Others serve in their places. */
	WORKER_DEATHS(true);

	private final boolean coveredByEvents;

	ProblemKind(boolean coveredByEvents) {
		this.coveredByEvents = coveredByEvents;
	}

	/**
	 * Return whether the log and the history tell of what it is made of, so that its
	 * begin is no news there.
	 */
	boolean coveredByEvents() {
		return this.coveredByEvents;
	}

	/**
	 * Return whether its begin is that of what is told of it now, a request or a death,
	 * while it goes on as one problem.
	 * @return whether the begin of such a problem changes
	 */
	public boolean follows() {
		return this == LONG_REQUEST || this == WORKER_DEATHS;
	}

	/**
	 * Return the kind as users write it.
	 * @return its name in lower case, with dashes
	 */
	public String key() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	/**
	 * Return the kind that users mean.
	 * @param key what they have written
	 * @return the kind, empty if there is none of that name
	 */
	public static Optional<ProblemKind> of(String key) {
		String name = key.strip().toUpperCase(Locale.ROOT).replace('-', '_');
		return Arrays.stream(values()).filter((kind) -> kind.name().equals(name)).findFirst();
	}

}
