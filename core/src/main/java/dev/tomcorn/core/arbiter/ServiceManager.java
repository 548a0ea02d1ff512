package dev.tomcorn.core.arbiter;

/**
 * What supervises the arbiter itself, such as systemd. Called by the arbiter's own loop,
 * so that it hears nothing from an arbiter that hangs. No method may wait or throw.
 */
public interface ServiceManager {

	/**
	 * Where nothing supervises the arbiter.
	 */
	ServiceManager NONE = (state) -> {
	};

	/**
	 * Called at each turn of the loop, several times a second and after every event.
	 * @param state how the fleet stands
	 */
	void turn(ServiceState state);

	/**
	 * Called when a reload was asked for that is not begun.
	 * @param reason why
	 */
	default void refused(String reason) {
	}

}
