package dev.tomcorn.launch;

/**
 * What a user is told of the decision what a JVM is to be.
 */
sealed interface LaunchMessage {

	/**
	 * Nothing: the JVM is what the user expects, or the decision is none of theirs.
	 */
	LaunchMessage NONE = new None();

	/**
	 * Nothing is told.
	 */
	record None() implements LaunchMessage {
	}

	/**
	 * A line of the log.
	 *
	 * @param warning whether it is a warning
	 * @param text what it says
	 */
	record Line(boolean warning, String text) implements LaunchMessage {
	}

	/**
	 * The application must not start like this.
	 *
	 * @param problem what is wrong
	 * @param action what the user can do about it
	 */
	record Refusal(String problem, String action) implements LaunchMessage {
	}

	/**
	 * The decision was not possible.
	 *
	 * @param cause what is wrong with the configuration
	 */
	record Failure(RuntimeException cause) implements LaunchMessage {
	}

}
