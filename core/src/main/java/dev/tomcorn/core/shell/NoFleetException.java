package dev.tomcorn.core.shell;

/**
 * There is no fleet, or several match.
 */
final class NoFleetException extends Exception {

	NoFleetException(String message) {
		super(message);
	}

	@Override
	public String getMessage() {
		return String.valueOf(super.getMessage());
	}

}
