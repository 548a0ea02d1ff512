package dev.tomcorn.launch;

import java.util.List;

/**
 * Thrown when the application changes a setting after its arbiter has read it.
 */
final class LateSettingException extends RuntimeException {

	private final List<LateSetting> settings;

	/**
	 * Create the exception.
	 * @param settings the settings that came too late
	 */
	LateSettingException(List<LateSetting> settings) {
		super("Too late for a fleet: " + settings);
		this.settings = List.copyOf(settings);
	}

	/**
	 * Return the settings that came too late.
	 * @return the settings
	 */
	List<LateSetting> settings() {
		return this.settings;
	}

}
