package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A clock that stops while the arbiter is stopped. The time between two readings counts
 * as one second at most, so that no deadline passes while the arbiter is suspended.
 */
final class RunClock {

	private static final long MAX_STEP = Duration.ofSeconds(1).toNanos();

	private final LongSupplier nanoTime;

	private long last;

	private long elapsed;

	RunClock(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
		this.last = nanoTime.getAsLong();
	}

	long now() {
		long reading = this.nanoTime.getAsLong();
		this.elapsed += Math.min(reading - this.last, MAX_STEP);
		this.last = reading;
		return this.elapsed;
	}

}
