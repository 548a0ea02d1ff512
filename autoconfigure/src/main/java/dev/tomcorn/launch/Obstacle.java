package dev.tomcorn.launch;

import org.jspecify.annotations.Nullable;

/**
 * Why an application runs in one process, though several are wanted.
 *
 * @param kind how it is told
 * @param text what it is
 * @param remedy what the user can do about it, if there is more than to live with it
 */
record Obstacle(Kind kind, String text, @Nullable String remedy) {

	/**
	 * How an obstacle is told.
	 */
	enum Kind {

		/** The user wants one process, too: a line, and no warning. */
		ORDINARY,

		/** One process is what the user's tool needs: a warning. */
		TOOL,

		/** A warning, or a refusal where the user demands an arbiter. */
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
