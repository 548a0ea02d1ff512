package dev.tomcorn.request;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The requests that this worker has begun and not ended.
 */
public final class RequestsInFlight {

	private static final Log logger = LogFactory.getLog(RequestsInFlight.class);

	private static final int EXPECTED = 1024;

	/**
	 * How many requests are located for a snapshot.
	 */
	private static final int MAX_LOCATED = 32;

	private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

	private static final ScopedValue<Boolean> WITHOUT_LIMIT = ScopedValue.newInstance();

	private final Map<Long, RequestInFlight> requests = new ConcurrentHashMap<>(EXPECTED);

	private final AtomicLong numbers = new AtomicLong();

	private final LongSupplier nanoTime;

	private final RequestFigures figures;

	private final MemoryFailures memoryFailures = new MemoryFailures();

	private final RequestRows rows;

	private final ApplicationFrames finder;

	/**
	 * Create an empty registry that no other process sees.
	 */
	public RequestsInFlight() {
		this(System::nanoTime);
	}

	RequestsInFlight(LongSupplier nanoTime) {
		this(null, new ApplicationFrames(List.of()), nanoTime);
	}

	/**
	 * Create an empty registry.
	 * @param record where other processes see the requests, or {@code null} if they do
	 * not
	 * @param finder finds the application's frames in a stack
	 */
	public RequestsInFlight(@Nullable WorkerRecord record, ApplicationFrames finder) {
		this(record, finder, System::nanoTime);
	}

	/**
	 * Create an empty registry.
	 * @param record where other processes see the requests, or {@code null} if they do
	 * not
	 * @param finder finds the application's frames in a stack
	 * @param nanoTime the clock, like {@link System#nanoTime()}
	 */
	public RequestsInFlight(@Nullable WorkerRecord record, ApplicationFrames finder, LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
		this.figures = new RequestFigures(nanoTime);
		this.rows = new RequestRows(record);
		this.finder = finder;
	}

	/**
	 * The result of an interrupt.
	 *
	 * @param ended whether the request has ended
	 * @param text a description of what was done
	 */
	public record Interruption(boolean ended, String text) {
	}

	/**
	 * Add a request that the calling thread runs.
	 * @param method its method
	 * @param uri its path, still encoded, without a query string
	 * @param contextPath path of the application, with which the request's path begins
	 * @return the request; the caller must record its end
	 */
	public RequestInFlight begin(String method, String uri, String contextPath) {
		long now = now();
		RequestInFlight request = new RequestInFlight(this, this.numbers.incrementAndGet(), method, uri, contextPath,
				now, this.figures.takeWait(now));
		this.requests.put(request.number(), request);
		if (!request.hasRow()) {
			this.rows.crowd();
		}
		return request;
	}

	/**
	 * Run a request that does not count as the worker's traffic: it is not in flight and
	 * has no time limit.
	 * @param <R> type of its result
	 * @param <X> type of its exception
	 * @param request the request
	 * @return its result
	 * @throws X if the request fails
	 */
	public static <R extends @Nullable Object, X extends Throwable> R withoutLimit(
			ScopedValue.CallableOp<? extends R, X> request) throws X {
		return ScopedValue.where(WITHOUT_LIMIT, true).call(request);
	}

	/**
	 * Return whether the calling thread runs a request without a time limit.
	 */
	public static boolean isWithoutLimit() {
		return WITHOUT_LIMIT.isBound();
	}

	/**
	 * Return the figures of the requests that have ended.
	 * @return the figures
	 */
	public RequestFigures figures() {
		return this.figures;
	}

	/**
	 * Return the requests that have failed with an {@code OutOfMemoryError}.
	 * @return the failures
	 */
	public MemoryFailures memoryFailures() {
		return this.memoryFailures;
	}

	/**
	 * End the time of one request, as if it had reached its limit. Its thread is
	 * interrupted, or it times out if none runs it. Its client gets status 503 unless a
	 * part of a response was sent.
	 * @param number number of the request
	 * @param patience how long to wait for its end
	 * @return the result; empty if there is no such request
	 * @throws IllegalArgumentException if the calling thread runs it
	 * @throws InterruptedException if the calling thread is interrupted
	 */
	public Optional<Interruption> interrupt(long number, Duration patience) throws InterruptedException {
		RequestInFlight request = this.requests.get(number);
		if (request == null) {
			return Optional.empty();
		}
		if (request.runsOn(Thread.currentThread())) {
			throw new IllegalArgumentException("Request %d cannot interrupt itself".formatted(number));
		}
		String age = String.format(Locale.ROOT, "%.1f s", request.age(now()) / 1e9);
		RequestInFlight.Activity activity = request.endNow();
		if (activity == null) {
			return Optional.empty();
		}
		String name = request.method() + " " + request.path();
		String done;
		if (activity.waiting()) {
			done = "Refused %s, which has waited for %s".formatted(name, age);
		}
		else if (activity.thread() == null) {
			done = "Let %s time out, which has taken %s and is run by no thread".formatted(name, age);
		}
		else {
			done = "Interrupted %s, which has run for %s on %s".formatted(name, age, activity.thread());
		}
		logger.info(done + ", at the request of an operator");
		boolean ended = awaitEnd(request, patience);
		return Optional.of(new Interruption(ended,
				done + (ended ? ": it has ended" : ": it has not ended within %d ms".formatted(patience.toMillis()))));
	}

	private static boolean awaitEnd(RequestInFlight request, Duration patience) throws InterruptedException {
		long deadline = System.nanoTime() + patience.toNanos();
		while (!request.hasEnded()) {
			if (System.nanoTime() - deadline > 0) {
				return false;
			}
			// Requests do not signal their end, which would slow down all of them
			Thread.sleep(POLL_INTERVAL);
		}
		return true;
	}

	/**
	 * Return the request that arrived first.
	 */
	public @Nullable RequestInFlight oldest() {
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
	public long runningNanos() {
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

	/**
	 * Return the current time for the age of requests.
	 * @return nanoseconds
	 */
	public long now() {
		return this.nanoTime.getAsLong();
	}

	RequestRows rows() {
		return this.rows;
	}

	/**
	 * Return the finder of the application's frames in a stack.
	 */
	ApplicationFrames finder() {
		return this.finder;
	}

	/**
	 * Return the requests in flight.
	 * @return the requests
	 */
	public Collection<RequestInFlight> all() {
		return this.requests.values();
	}

	/**
	 * Return the request that a thread runs.
	 */
	public @Nullable RequestInFlight on(Thread thread) {
		for (RequestInFlight request : this.requests.values()) {
			if (request.runsOn(thread)) {
				return request;
			}
		}
		return null;
	}

	/**
	 * Return the requests in flight at about this moment. The oldest ones are located
	 * now.
	 * @return the requests, the oldest first
	 */
	public List<RequestSnapshot> snapshot() {
		long now = now();
		this.requests.values()
			.stream()
			.sorted(Comparator.comparingLong((request) -> request.came() - now))
			.limit(MAX_LOCATED)
			.forEach((request) -> request.locate(this.finder, now));
		return this.requests.values()
			.stream()
			.map((request) -> request.snapshot(now))
			.sorted(Comparator.comparing(RequestSnapshot::age).reversed())
			.toList();
	}

}
