package dev.tomcorn.request;

import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Looks now and then where the slow requests of this worker stand, so that it can be told
 * of one that hangs, and of those that were in flight when the worker died. The requests
 * themselves do nothing for it.
 */
public final class SlowRequests {

	/**
	 * Younger ones are not looked at.
	 */
	static final Duration SLOW = Duration.ofSeconds(1);

	/**
	 * The older a request, the more seldom it is looked at.
	 */
	private static final int SHARE_OF_AGE = 4;

	private static final long LONGEST_PAUSE = Duration.ofSeconds(10).toNanos();

	/**
	 * So many are looked at in one go.
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
	 * Look once.
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
	 * Show those for which there was no room when they came, the oldest first.
	 */
	private void show(long now) {
		RequestRows rows = this.requests.rows();
		if (rows.isCrowded() && showAll(now)) {
			rows.relieved();
			// Those that came meanwhile may have found it crowded
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
