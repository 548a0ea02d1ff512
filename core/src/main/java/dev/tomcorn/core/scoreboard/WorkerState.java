package dev.tomcorn.core.scoreboard;

/**
 * The state of a worker, as its slot shows it to all processes.
 */
public enum WorkerState {

	/** No worker has the slot. */
	VACANT,

	/** Loads the application; takes no connections. */
	STARTING,

	/** Has loaded the application and takes no connections. */
	STANDBY,

	/** Takes connections. */
	READY,

	/** Takes no more connections and finishes its requests. */
	DRAINING;

	private static final WorkerState[] VALUES = values();

	/**
	 * Return the state of a stored code. A code that no version wrote reads as vacant.
	 */
	static WorkerState of(int code) {
		return (code >= 0 && code < VALUES.length) ? VALUES[code] : VACANT;
	}

}
