package dev.tomcorn.request;

/**
 * Buckets of latency. There are sixteen for each doubling, so the middle of a bucket
 * differs by at most 3.2 % from any time in it, from 16 µs to 19 hours. Shorter times
 * have buckets of one microsecond, longer ones are all in the last bucket.
 */
final class LatencyBuckets {

	/**
	 * Exponent of the power of two that is close to a microsecond, in nanoseconds.
	 */
	private static final int UNIT_BITS = 10;

	private static final int STEP_BITS = 4;

	private static final int STEPS = 1 << STEP_BITS;

	private static final int LAST_OCTAVE = 35;

	/**
	 * Number of buckets.
	 */
	static final int COUNT = (LAST_OCTAVE - STEP_BITS + 2) * STEPS;

	private LatencyBuckets() {
	}

	/**
	 * Return the bucket of a time.
	 */
	static int of(long nanos) {
		long units = nanos >>> UNIT_BITS;
		if (units < STEPS) {
			return (int) units;
		}
		int octave = Long.SIZE - 1 - Long.numberOfLeadingZeros(units);
		if (octave > LAST_OCTAVE) {
			return COUNT - 1;
		}
		return ((octave - STEP_BITS + 1) << STEP_BITS) + ((int) (units >>> (octave - STEP_BITS)) & (STEPS - 1));
	}

	/**
	 * Return the middle of a bucket, in nanoseconds.
	 */
	static double middle(int bucket) {
		int octave = (bucket >> STEP_BITS) - 1;
		double low = (octave < 0) ? bucket : (double) (STEPS + (bucket & (STEPS - 1))) * (1L << octave);
		double width = (octave < 0) ? 1 : 1L << octave;
		return (low + width / 2) * (1 << UNIT_BITS);
	}

}
