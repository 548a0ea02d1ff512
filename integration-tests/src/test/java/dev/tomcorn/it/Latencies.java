package dev.tomcorn.it;

import java.time.Duration;

/**
 * Times of answers, in classes a sixteenth wide: many answers take little memory.
 */
final class Latencies {

	private static final int STEPS = 16;

	private final long[] counts = new long[Long.SIZE * STEPS];

	private long total;

	private long max;

	void add(long nanos) {
		this.counts[index(nanos)]++;
		this.total++;
		this.max = Math.max(this.max, nanos);
	}

	void add(Latencies others) {
		for (int i = 0; i < this.counts.length; i++) {
			this.counts[i] += others.counts[i];
		}
		this.total += others.total;
		this.max = Math.max(this.max, others.max);
	}

	private static int index(long nanos) {
		long value = Math.max(nanos, STEPS);
		int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(value);
		return exponent * STEPS + (int) ((value >>> (exponent - 4)) & (STEPS - 1));
	}

	/**
	 * Return the time within which a share of the answers came, rounded up to a class.
	 */
	Duration percentile(double share) {
		long rest = (long) Math.ceil(this.total * share);
		for (int i = 0; i < this.counts.length; i++) {
			rest -= this.counts[i];
			if (rest <= 0) {
				return Duration.ofNanos(Math.min(this.max, (long) (STEPS + i % STEPS + 1) << (i / STEPS - 4)));
			}
		}
		return max();
	}

	Duration max() {
		return Duration.ofNanos(this.max);
	}

}
