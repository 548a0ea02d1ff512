package dev.tomcorn.metrics;

import java.util.List;

/**
 * The meters of the whole fleet. Every worker has the same values, so the one that
 * answers reports them for all.
 */
final class FleetMeters {

	/**
	 * Gauge for each worker: 1 if it has answered.
	 */
	static final String UP = "tomcorn.worker.up";

	static final String UP_DESCRIPTION = "Whether the worker has reported its meters for this answer";

	static final String WORKER = "worker";

	private static final List<String> NAMES = List.of("tomcorn.workers", "tomcorn.listener", "tomcorn.deaths",
			"tomcorn.recycles", "tomcorn.reloads", "tomcorn.boots", "tomcorn.boot", "tomcorn.drain",
			"tomcorn.saturation");

	private FleetMeters() {
	}

	/**
	 * Return whether a meter is of the whole fleet.
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
