package dev.tomcorn.actuate;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The workers that a request which changes something is for. One that only reads is for
 * any worker, whatever the endpoint.
 */
enum EndpointReach {

	/**
	 * The worker that has been reached.
	 */
	ANY,

	/**
	 * Every worker: the endpoint changes what each of them has for itself.
	 */
	EVERY,

	/**
	 * The worker that leads: what is asked for is done once, where the application does
	 * such things.
	 */
	LEADER,

	/**
	 * All workers, which the arbiter replaces one after the other.
	 */
	RELOAD;

	/**
	 * Ids of Spring Boot, Spring Cloud and Resilience4j.
	 */
	private static final Map<String, EndpointReach> BY_ID = Stream
		.of(ids(EVERY, "bindings", "caches", "circuitbreakers", "env", "gateway", "integrationgraph", "pause",
				"refresh", "resume", "serviceregistry", "sessions"), ids(LEADER, "quartz"), ids(RELOAD, "restart"))
		.flatMap((ids) -> ids.entrySet().stream())
		.collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

	private static Map<String, EndpointReach> ids(EndpointReach reach, String... ids) {
		return Stream.of(ids).collect(Collectors.toMap(Function.identity(), (_) -> reach));
	}

	/**
	 * Return the workers that a change by an endpoint is for. What an application's own
	 * endpoint does may be meant to happen once.
	 * @param id the endpoint's id
	 */
	static EndpointReach ofChange(String id) {
		return BY_ID.getOrDefault(id, ANY);
	}

	/**
	 * Return the ids of the endpoints whose changes are not for any worker.
	 */
	static Map<String, EndpointReach> known() {
		return BY_ID;
	}

}
