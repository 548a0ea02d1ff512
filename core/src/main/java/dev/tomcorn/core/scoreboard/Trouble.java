package dev.tomcorn.core.scoreboard;

/**
 * The reason that a worker has found for suppressing its heartbeat.
 */
public enum Trouble {

	/** No known reason. */
	NONE(""),

	/** Runnable virtual threads do not run, and no request ends. */
	SCHEDULER_STUCK("its virtual threads no longer run"),

	/** The worker spends nearly all time on garbage collection. */
	GARBAGE_COLLECTION("it does little but collect garbage");

	private static final Trouble[] VALUES = values();

	private final String description;

	Trouble(String description) {
		this.description = description;
	}

	/**
	 * Return the description for the log.
	 * @return a clause, empty when there is none
	 */
	public String description() {
		return this.description;
	}

	/**
	 * Return the trouble of a stored code. A code that no version wrote reads as none.
	 */
	static Trouble of(int code) {
		return (code >= 0 && code < VALUES.length) ? VALUES[code] : NONE;
	}

}
