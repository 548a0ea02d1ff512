package dev.tomcorn.core.shell;

/**
 * The command line is wrong.
 */
final class UsageException extends Exception {

	UsageException(String message) {
		super(message);
	}

}
