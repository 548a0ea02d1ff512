package dev.tomcorn.core.scoreboard;

/**
 * What keeps a worker from useful work, as it found itself. While there is trouble its
 * heart does not beat.
 */
public enum Trouble {

	/** Nothing that the worker noticed. */
	NONE(""),

	/** Virtual threads that could run do not get to, and no request ends. */
	SCHEDULER_STUCK("its virtual threads no longer run"),

	/** The worker does little but collect garbage. */
	GARBAGE_COLLECTION("it does little but collect garbage");

	private static final Trouble[] VALUES = values();

	private final String description;

	Trouble(String description) {
		this.description = description;
	}

	/**
	 * Return what it means for the worker, for the log.
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
