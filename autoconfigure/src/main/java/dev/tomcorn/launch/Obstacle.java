package dev.tomcorn.launch;

import org.jspecify.annotations.Nullable;

/**
 * The reason that an application runs in one process although several are wanted.
 *
 * @param kind how it is reported
 * @param text the reason
 * @param remedy what the user can do about it, if anything
 */
record Obstacle(Kind kind, String text, @Nullable String remedy) {

	/**
	 * How an obstacle is reported.
	 */
	enum Kind {

		/** The user wants one process, too: an info line. */
		ORDINARY,

		/** The user's tool needs one process: a warning. */
		TOOL,

		/** A warning, or a failure if the user demands an arbiter. */
		LACK

	}

	static Obstacle ordinary(String text) {
		return new Obstacle(Kind.ORDINARY, text, null);
	}

	static Obstacle tool(String text, @Nullable String remedy) {
		return new Obstacle(Kind.TOOL, text, remedy);
	}

	static Obstacle lack(String text, @Nullable String remedy) {
		return new Obstacle(Kind.LACK, text, remedy);
	}

}
