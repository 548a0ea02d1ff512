package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Settings of the supervision policy.
 *
 * @param workers number of workers to keep running, 1 to {@link #MAX_WORKERS}
 * @param standby number of further workers that are ready but take no traffic, 0 or more;
 * at most {@link #MAX_WORKERS} with the workers
 * @param reloadSurge most processes that a reload may have beyond workers and standby, 1
 * or more
 * @param recycleSurge most processes that recycling may have beyond workers and standby,
 * 1 or more
 * @param bootTimeout longest time from spawn to ready; zero for no limit
 * @param timeout longest silence of a ready worker's heartbeat; zero for no limit
 * @param gracefulTimeout longest time a draining worker may wait for its requests
 * @param closeTimeout longest time it may then take to close its application before it is
 * killed
 * @param recordLimit longest time for which recording the diagnostics of a worker may
 * delay its kill
 */
public record ArbiterSettings(int workers, int standby, int reloadSurge, int recycleSurge, Duration bootTimeout,
		Duration timeout, Duration gracefulTimeout, Duration closeTimeout, Duration recordLimit) {

	/**
	 * Most workers one arbiter supervises.
	 */
	public static final int MAX_WORKERS = 128;

	/**
	 * Record limit when no heap dump is written.
	 */
	public static final Duration RECORD_LIMIT = Duration.ofSeconds(10);

	public ArbiterSettings {
		if (workers < 1 || workers > MAX_WORKERS) {
			throw new IllegalArgumentException("workers must be from 1 to " + MAX_WORKERS + ": " + workers);
		}
		if (standby < 0 || workers + standby > MAX_WORKERS) {
			throw new IllegalArgumentException("standby must be from 0 to " + (MAX_WORKERS - workers) + ": " + standby);
		}
		if (!surge(reloadSurge) || !surge(recycleSurge)) {
			throw new IllegalArgumentException(
					"surges must be from 1 to " + MAX_WORKERS + ": " + reloadSurge + ", " + recycleSurge);
		}
	}

	private static boolean surge(int surge) {
		return surge >= 1 && surge <= MAX_WORKERS;
	}

	/**
	 * Return the most processes beyond workers and standby.
	 * @return the larger of the surges
	 */
	public int maxSurge() {
		return Math.max(this.reloadSurge, this.recycleSurge);
	}

	/**
	 * Describe the changes, for the operator.
	 * @param before the settings before
	 * @return the changed settings by property, with both values
	 */
	String changesSince(ArbiterSettings before) {
		List<String> changes = new ArrayList<>();
		note(changes, "workers", before.workers, this.workers);
		note(changes, "standby", before.standby, this.standby);
		note(changes, "reload.max-surge", before.reloadSurge, this.reloadSurge);
		note(changes, "recycle.max-surge", before.recycleSurge, this.recycleSurge);
		note(changes, "boot-timeout", before.bootTimeout, this.bootTimeout);
		note(changes, "timeout", before.timeout, this.timeout);
		note(changes, "graceful-timeout", before.gracefulTimeout, this.gracefulTimeout);
		note(changes, "time to close the application", before.closeTimeout, this.closeTimeout);
		note(changes, "time to record an incident", before.recordLimit, this.recordLimit);
		return String.join(", ", changes);
	}

	private static void note(List<String> changes, String property, Object before, Object now) {
		if (!before.equals(now)) {
			changes.add("%s from %s to %s".formatted(property, text(before), text(now)));
		}
	}

	private static String text(Object value) {
		return (value instanceof Duration duration) ? FleetDraft.text(duration) : value.toString();
	}

}
