package dev.tomcorn.core.shell;

/**
 * There is no fleet to be shown or steered, or it is not clear which one is meant.
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
