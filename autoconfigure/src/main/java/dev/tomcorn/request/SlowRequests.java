package dev.tomcorn.request;

import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Regularly locates the slow requests of this worker, so that reports can show where a
 * request hangs, also after the worker has died. It adds no cost to the requests
 * themselves.
 */
public final class SlowRequests {

	/**
	 * Younger requests are not located.
	 */
	static final Duration SLOW = Duration.ofSeconds(1);

	/**
	 * The older a request, the less often it is located.
	 */
	private static final int SHARE_OF_AGE = 4;

	private static final long LONGEST_PAUSE = Duration.ofSeconds(10).toNanos();

	/**
	 * How many requests are located at a time.
	 */
	private static final int MOST = 10;

	private final RequestsInFlight requests;

	/**
	 * Create the watch.
	 * @param requests the requests in flight
	 */
	public SlowRequests(RequestsInFlight requests) {
		this.requests = requests;
	}

	/**
	 * Locate the requests that are due.
	 */
	public void update() {
		long now = this.requests.now();
		show(now);
		oldestFirst(this.requests.all().stream().filter((request) -> isDue(request, now)), now).limit(MOST)
			.forEach((request) -> request.locate(this.requests.finder(), now));
	}

	private static boolean isDue(RequestInFlight request, long now) {
		long age = request.age(now);
		long pause = Math.min(age / SHARE_OF_AGE, LONGEST_PAUSE);
		return age >= SLOW.toNanos() && now - request.locatedAt(now - pause) >= pause;
	}

	/**
	 * Show requests without a row, the oldest first.
	 */
	private void show(long now) {
		RequestRows rows = this.requests.rows();
		if (rows.isCrowded() && showAll(now)) {
			rows.relieved();
			// New requests may have found no row meanwhile
			if (!showAll(now)) {
				rows.crowd();
			}
		}
	}

	private boolean showAll(long now) {
		return oldestFirst(this.requests.all().stream().filter((request) -> !request.hasRow()), now)
			.allMatch(RequestInFlight::seen);
	}

	private static Stream<RequestInFlight> oldestFirst(Stream<RequestInFlight> some, long now) {
		return some.sorted(Comparator.comparingLong((RequestInFlight request) -> request.came() - now));
	}

}
