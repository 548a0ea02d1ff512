package dev.tomcorn.core.shell;

/**
 * What the command tells a script.
 */
final class ExitCode {

	/** Done, or begun where nobody waits. */
	static final int OK = 0;

	/** Refused, or failed, or not done in time. */
	static final int FAILED = 1;

	/** The command line is wrong. */
	static final int USAGE = 2;

	/** There is no fleet, or it is not clear which one is meant. */
	static final int NO_FLEET = 3;

	/** There is a fleet, and its arbiter does not answer. */
	static final int NO_ANSWER = 4;

	private ExitCode() {
	}

}
