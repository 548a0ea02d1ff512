package dev.tomcorn.metrics;

import java.util.List;

/**
 * The meters that tell of the whole fleet, whichever worker has them: the one that
 * answers speaks for all.
 */
final class FleetMeters {

	/**
	 * Whether each worker has answered.
	 */
	static final String UP = "tomcorn.worker.up";

	static final String UP_DESCRIPTION = "Whether the worker has told its meters for this answer";

	static final String WORKER = "worker";

	private static final List<String> NAMES = List.of("tomcorn.workers", "tomcorn.listener", "tomcorn.deaths",
			"tomcorn.recycles", "tomcorn.reloads", "tomcorn.boots", "tomcorn.boot", "tomcorn.drain",
			"tomcorn.saturation");

	private FleetMeters() {
	}

	/**
	 * Return whether a meter is one of the fleet.
	 * @param name its name, with dots or underscores
	 */
	static boolean contains(String name) {
		if (!name.startsWith("tomcorn")) {
			return false;
		}
		String dotted = name.replace('_', '.');
		return NAMES.stream().anyMatch((meter) -> dotted.equals(meter) || dotted.startsWith(meter + "."));
	}

}
