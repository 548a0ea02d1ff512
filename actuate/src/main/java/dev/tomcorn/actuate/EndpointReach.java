package dev.tomcorn.actuate;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The workers that must carry out a change by an endpoint. A request that only reads is
 * for any worker.
 */
enum EndpointReach {

	/**
	 * The worker that receives the request.
	 */
	ANY,

	/**
	 * Every worker: the endpoint changes state that each worker has for itself.
	 */
	EVERY,

	/**
	 * The leader: the change happens once, where the application runs such work.
	 */
	LEADER,

	/**
	 * All workers: the arbiter replaces them one after the other.
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
	 * Return the workers that must carry out a change by an endpoint. For an
	 * application's own endpoint that is any worker, because its change may be meant to
	 * happen once.
	 * @param id the endpoint's id
	 */
	static EndpointReach ofChange(String id) {
		return BY_ID.getOrDefault(id, ANY);
	}

	/**
	 * Return the endpoints with a reach other than {@link #ANY}, by their ids.
	 */
	static Map<String, EndpointReach> known() {
		return BY_ID;
	}

}
