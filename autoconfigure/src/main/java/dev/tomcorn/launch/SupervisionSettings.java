package dev.tomcorn.launch;

import dev.tomcorn.settings.TomcornSettings;
import org.jspecify.annotations.Nullable;

/**
 * The settings about worker processes.
 *
 * @param workers number of workers
 * @param arbiter whether to run an arbiter; {@code null} if the number of workers decides
 */
record SupervisionSettings(int workers, @Nullable Boolean arbiter) {

	static SupervisionSettings of(TomcornSettings settings) {
		return new SupervisionSettings(settings.workers(), settings.arbiterEnabled());
	}

	/**
	 * Return whether an arbiter is wanted.
	 * @return whether to run one
	 */
	boolean supervision() {
		return (this.arbiter != null) ? this.arbiter : this.workers > 1;
	}

	/**
	 * Return whether the user has explicitly asked for an arbiter.
	 */
	boolean demanded() {
		return Boolean.TRUE.equals(this.arbiter);
	}

}
