package dev.tomcorn.warnings;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The table of warnings, by topic.
 */
public final class FleetWarnings {

	private static final Map<String, FleetWarning> ALL = Stream
		.of(StateInMemory.ROWS, SharedFiles.ROWS, SharedLogs.ROWS, SharedDatabases.ROWS, Broadcasts.ROWS,
				SecurityState.ROWS, Registries.ROWS, BackgroundWork.ROWS, BrokerClients.ROWS, FurtherPorts.ROWS)
		.flatMap(List::stream)
		.collect(Collectors.toUnmodifiableMap(FleetWarning::name, Function.identity()));

	private FleetWarnings() {
	}

	/**
	 * Return the names of all warnings.
	 * @return the names, each of them the last part of the property
	 * {@code tomcorn.warnings.*} that switches the warning off
	 */
	public static Set<String> names() {
		return ALL.keySet();
	}

	static Iterable<FleetWarning> all() {
		return ALL.values();
	}

	static FleetWarning named(String name) {
		FleetWarning warning = ALL.get(name);
		if (warning == null) {
			throw new IllegalArgumentException("No warning '%s'".formatted(name));
		}
		return warning;
	}

}
