package dev.tomcorn.core.scoreboard;

/**
 * What keeps a worker from useful work, as it found itself. While there is trouble its
 * heart does not beat.
 */
public enum Trouble {

	/** Nothing that the worker noticed. */
	NONE,

	/** Virtual threads that could run do not get to, and no request ends. */
	SCHEDULER_STUCK,

	/** The worker does little but collect garbage. */
	GARBAGE_COLLECTION;

	private static final Trouble[] VALUES = values();

	/**
	 * Return the trouble of a stored code. A code that no version wrote reads as none.
	 */
	static Trouble of(int code) {
		return (code >= 0 && code < VALUES.length) ? VALUES[code] : NONE;
	}

}
