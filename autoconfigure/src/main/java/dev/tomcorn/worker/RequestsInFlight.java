package dev.tomcorn.worker;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * The requests that this worker has begun and not ended.
 */
public final class RequestsInFlight {

	private static final int EXPECTED = 1024;

	private final Map<Long, RequestInFlight> requests = new ConcurrentHashMap<>(EXPECTED);

	private final AtomicLong numbers = new AtomicLong();

	private final LongSupplier nanoTime;

	/**
	 * Create an empty registry.
	 */
	public RequestsInFlight() {
		this(System::nanoTime);
	}

	RequestsInFlight(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	/**
	 * Add a request that the calling thread runs.
	 * @param method its method
	 * @param uri its path, still encoded, without a query string
	 * @param contextPath path of the application, with which the request's path begins
	 * @return the request, whose end must be told
	 */
	public RequestInFlight begin(String method, String uri, String contextPath) {
		RequestInFlight request = new RequestInFlight(this, this.numbers.incrementAndGet(), method, uri, contextPath,
				now());
		this.requests.put(request.number(), request);
		return request;
	}

	void remove(RequestInFlight request) {
		this.requests.remove(request.number());
	}

	long now() {
		return this.nanoTime.getAsLong();
	}

	Collection<RequestInFlight> all() {
		return this.requests.values();
	}

	/**
	 * Return the request that a thread runs.
	 */
	@Nullable RequestInFlight on(Thread thread) {
		for (RequestInFlight request : this.requests.values()) {
			if (request.runsOn(thread)) {
				return request;
			}
		}
		return null;
	}

	/**
	 * Return what is in flight at about this moment.
	 * @return the requests, the oldest first
	 */
	public List<RequestInFlight.Snapshot> snapshot() {
		long now = now();
		return this.requests.values()
			.stream()
			.map((request) -> request.snapshot(now))
			.sorted(Comparator.comparing(RequestInFlight.Snapshot::age).reversed())
			.toList();
	}

}
