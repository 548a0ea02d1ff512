package dev.tomcorn.core.arbiter;

import java.time.Duration;

/**
 * The recent deaths at one index, and when the next worker may be spawned there.
 *
 * @param streak quick deaths in a row
 * @param diedAt reading of the arbiter's clock at the last of them
 * @param respawnAt reading of the arbiter's clock before which no worker is spawned there
 */
record CrashHistory(int streak, long diedAt, long respawnAt) {

	/**
	 * A worker that was ready for this long has not crashed quickly.
	 */
	static final Duration QUIET = FleetReport.CrashLoop.QUIET;

	static final Duration MAX_DELAY = Duration.ofSeconds(30);

	static final CrashHistory NONE = new CrashHistory(0, Long.MIN_VALUE, Long.MIN_VALUE);

	/**
	 * Add a death. The first of a streak is replaced at once, further ones after 1, 2, 4
	 * … up to 30 seconds.
	 */
	CrashHistory add(long now, boolean quick) {
		int newStreak = quick ? this.streak + 1 : 1;
		return new CrashHistory(newStreak, now, now + delay(newStreak).toNanos());
	}

	/**
	 * Return whether this is a loop rather than an accident.
	 */
	boolean loop() {
		return this.streak > 1;
	}

	private static Duration delay(int streak) {
		if (streak <= 1) {
			return Duration.ZERO;
		}
		Duration delay = Duration.ofSeconds(1L << Math.min(streak - 2, 10));
		return (delay.compareTo(MAX_DELAY) < 0) ? delay : MAX_DELAY;
	}

}
