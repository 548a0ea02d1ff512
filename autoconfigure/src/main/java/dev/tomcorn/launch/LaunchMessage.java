package dev.tomcorn.launch;

/**
 * The message to the user about the role of a JVM.
 */
sealed interface LaunchMessage {

	/**
	 * No message: the role is what the user expects, or does not concern the user.
	 */
	LaunchMessage NONE = new None();

	/**
	 * No message.
	 */
	record None() implements LaunchMessage {
	}

	/**
	 * A line of the log.
	 *
	 * @param warning whether it is a warning
	 * @param text the text
	 */
	record Line(boolean warning, String text) implements LaunchMessage {
	}

	/**
	 * The application must not start.
	 *
	 * @param problem what is wrong
	 * @param action what the user can do about it
	 */
	record Refusal(String problem, String action) implements LaunchMessage {
	}

	/**
	 * The decision has failed.
	 *
	 * @param cause what is wrong with the configuration
	 */
	record Failure(RuntimeException cause) implements LaunchMessage {
	}

}
