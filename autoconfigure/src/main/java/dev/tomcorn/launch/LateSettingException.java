package dev.tomcorn.launch;

import java.util.List;

/**
 * The application has set something that its arbiter had to know before.
 */
final class LateSettingException extends RuntimeException {

	private final List<LateSetting> settings;

	/**
	 * Create the exception.
	 * @param settings what came too late
	 */
	LateSettingException(List<LateSetting> settings) {
		super("Too late for a fleet: " + settings);
		this.settings = List.copyOf(settings);
	}

	/**
	 * Return what came too late.
	 * @return the settings
	 */
	List<LateSetting> settings() {
		return this.settings;
	}

}
