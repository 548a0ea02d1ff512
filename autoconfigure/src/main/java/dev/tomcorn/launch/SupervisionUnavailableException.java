package dev.tomcorn.launch;

/**
 * Thrown when the application cannot run in worker processes as configured.
 */
public final class SupervisionUnavailableException extends RuntimeException {

	private final String action;

	/**
	 * Create the exception.
	 * @param reason why the application cannot run in workers
	 * @param action what the user can do about it
	 */
	public SupervisionUnavailableException(String reason, String action) {
		super(reason);
		this.action = action;
	}

	/**
	 * Return what the user can do about it.
	 * @return the action
	 */
	public String action() {
		return this.action;
	}

}
