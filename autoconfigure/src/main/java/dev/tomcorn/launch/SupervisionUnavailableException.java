package dev.tomcorn.launch;

/**
 * The application cannot run in worker processes as it is configured.
 */
public final class SupervisionUnavailableException extends RuntimeException {

	private final String action;

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
