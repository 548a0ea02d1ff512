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

	private final RequestFigures figures;

	/**
	 * Create an empty registry.
	 */
	public RequestsInFlight() {
		this(System::nanoTime);
	}

	RequestsInFlight(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
		this.figures = new RequestFigures(nanoTime);
	}

	/**
	 * Add a request that the calling thread runs.
	 * @param method its method
	 * @param uri its path, still encoded, without a query string
	 * @param contextPath path of the application, with which the request's path begins
	 * @return the request, whose end must be told
	 */
	public RequestInFlight begin(String method, String uri, String contextPath) {
		long now = now();
		RequestInFlight request = new RequestInFlight(this, this.numbers.incrementAndGet(), method, uri, contextPath,
				now, this.figures.takeWait(now));
		this.requests.put(request.number(), request);
		return request;
	}

	/**
	 * Return the figures of the requests that have ended.
	 * @return the figures
	 */
	public RequestFigures figures() {
		return this.figures;
	}

	/**
	 * Return the request with a number.
	 */
	@Nullable RequestInFlight find(long number) {
		return this.requests.get(number);
	}

	/**
	 * Return the request that came first.
	 */
	@Nullable RequestInFlight oldest() {
		RequestInFlight oldest = null;
		for (RequestInFlight request : this.requests.values()) {
			if (oldest == null || request.came() - oldest.came() < 0) {
				oldest = request;
			}
		}
		return oldest;
	}

	/**
	 * Return how long threads have run the requests in flight so far, in nanoseconds.
	 */
	long runningNanos() {
		long now = now();
		long sum = 0;
		for (RequestInFlight request : this.requests.values()) {
			sum += request.running(now);
		}
		return sum;
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
