package dev.tomcorn.core.shell;

/**
 * The exit codes of the command.
 */
final class ExitCode {

	/** Done, or started without {@code --wait}. */
	static final int OK = 0;

	/** Refused, failed, or not done in time. */
	static final int FAILED = 1;

	/** The command line is wrong. */
	static final int USAGE = 2;

	/** There is no fleet, or several match. */
	static final int NO_FLEET = 3;

	/** There is a fleet, but its arbiter does not answer. */
	static final int NO_ANSWER = 4;

	private ExitCode() {
	}

}
