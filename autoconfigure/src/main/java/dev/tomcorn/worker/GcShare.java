package dev.tomcorn.worker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The share of the last seconds that garbage collections took. It covers several seconds,
 * so that one long collection or one pause between two collections does not decide.
 */
final class GcShare {

	static final Duration WINDOW = Duration.ofSeconds(5);

	private final Deque<Reading> readings = new ArrayDeque<>();

	private record Reading(long at, long gcMillis) {
	}

	/**
	 * Take a reading.
	 * @param now the time, in nanoseconds
	 * @param gcMillis total time of collections, in milliseconds
	 * @return the share since the last reading that is a window old, from 0 to about 1; 0
	 * if there is no such reading
	 */
	double update(long now, long gcMillis) {
		Reading latest = new Reading(now, gcMillis);
		this.readings.addLast(latest);
		Reading start = this.readings.getFirst();
		if (now - start.at() < WINDOW.toNanos()) {
			return 0;
		}
		// Keep the last reading that is old enough: there may be few readings
		while (this.readings.size() > 1) {
			Reading oldest = this.readings.removeFirst();
			if (now - this.readings.getFirst().at() < WINDOW.toNanos()) {
				this.readings.addFirst(oldest);
				start = oldest;
				break;
			}
		}
		return (double) Duration.ofMillis(gcMillis - start.gcMillis()).toNanos() / (now - start.at());
	}

}
