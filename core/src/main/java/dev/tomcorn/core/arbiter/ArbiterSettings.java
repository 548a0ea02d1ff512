package dev.tomcorn.core.arbiter;

import java.time.Duration;

/**
 * Settings of the supervision policy.
 *
 * @param workers number of workers to keep running, 1 to {@link #MAX_WORKERS}
 * @param bootTimeout longest time from spawn to ready; zero for no limit
 * @param timeout longest silence of a ready worker's heartbeat; zero for no limit
 * @param gracefulTimeout longest time a draining worker may take before it is killed
 */
public record ArbiterSettings(int workers, Duration bootTimeout, Duration timeout, Duration gracefulTimeout) {

	/**
	 * Most workers one arbiter supervises.
	 */
	public static final int MAX_WORKERS = 128;

	public ArbiterSettings {
		if (workers < 1 || workers > MAX_WORKERS) {
			throw new IllegalArgumentException("workers must be from 1 to " + MAX_WORKERS + ": " + workers);
		}
	}

}
