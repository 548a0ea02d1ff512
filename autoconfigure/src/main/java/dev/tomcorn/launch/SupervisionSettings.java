package dev.tomcorn.launch;

import org.jspecify.annotations.Nullable;

/**
 * What the configuration says about worker processes.
 *
 * @param workers number of workers
 * @param arbiter whether there is to be an arbiter; {@code null} if the number of workers
 * decides
 */
record SupervisionSettings(int workers, @Nullable Boolean arbiter) {

	/**
	 * Return whether an arbiter is wanted.
	 * @return whether there is to be one
	 */
	boolean supervision() {
		return (this.arbiter != null) ? this.arbiter : this.workers > 1;
	}

	/**
	 * Return whether the user has asked for an arbiter in so many words.
	 */
	boolean demanded() {
		return Boolean.TRUE.equals(this.arbiter);
	}

}
