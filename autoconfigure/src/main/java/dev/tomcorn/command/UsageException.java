package dev.tomcorn.command;

/**
 * The command line is wrong.
 */
final class UsageException extends Exception {

	UsageException(String message) {
		super(message);
	}

}
