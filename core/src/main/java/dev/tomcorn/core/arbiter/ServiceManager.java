package dev.tomcorn.core.arbiter;

/**
 * The service manager that supervises the arbiter itself, such as systemd. The arbiter's
 * own loop calls it, so an arbiter that hangs sends nothing. No method may wait or throw.
 */
public interface ServiceManager {

	/**
	 * No service manager.
	 */
	ServiceManager NONE = (state) -> {
	};

	/**
	 * Called at each turn of the loop, several times a second and after every event.
	 * @param state the state of the fleet
	 */
	void turn(ServiceState state);

	/**
	 * Called when the arbiter refuses a reload.
	 * @param reason why
	 */
	default void refused(String reason) {
	}

}
