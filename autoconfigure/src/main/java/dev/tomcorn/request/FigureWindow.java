package dev.tomcorn.request;

import java.time.Duration;

import dev.tomcorn.core.scoreboard.WorkerFigures.Latency;
import dev.tomcorn.core.scoreboard.WorkerFigures.QueueTime;
import org.jspecify.annotations.Nullable;

/**
 * The figures of recent requests, from samples of {@link RequestFigures}. Uses a fixed
 * amount of memory. Used by one thread.
 */
public final class FigureWindow {

	/**
	 * Number of samples in the window, one second apart.
	 */
	static final int SAMPLES = 10;

	private static final double NANOS_PER_MILLI = 1e6;

	private final RequestFigures figures;

	private final Sample[] samples = new Sample[SAMPLES + 1];

	private final long[] counts = new long[LatencyBuckets.COUNT];

	/**
	 * Number of samples taken.
	 */
	private long taken;

	/**
	 * Create a window that begins now.
	 * @param figures the figures
	 * @param now the time, in nanoseconds
	 */
	public FigureWindow(RequestFigures figures, long now) {
		this.figures = figures;
		for (int i = 0; i < this.samples.length; i++) {
			this.samples[i] = new Sample();
		}
		take(now, 0);
	}

	/**
	 * The figures at a moment.
	 */
	private static final class Sample {

		private final long[] latencies = new long[LatencyBuckets.COUNT];

		private long at;

		private long waiting;

		private long executing;

		private long running;

		private long longest;

		private long longestWait;

	}

	/**
	 * Figures of the window.
	 *
	 * @param requestsPerSecond requests that ended per second
	 * @param latency their latency, or {@code null} if there were none
	 * @param queueTime how long they waited, or {@code null} if there were none
	 * @param running how many requests ran on average
	 */
	public record Figures(double requestsPerSecond, @Nullable Latency latency, @Nullable QueueTime queueTime,
			double running) {
	}

	/**
	 * Take a sample.
	 * @param now the time, in nanoseconds
	 * @param runningNow how long threads have run the requests in flight so far, in
	 * nanoseconds
	 * @return the figures since the sample that is a window old, or since the first
	 */
	public Figures advance(long now, long runningNow) {
		take(now, runningNow);
		Sample end = sample(this.taken - 1);
		Sample start = sample(Math.max(0, this.taken - 1 - SAMPLES));
		double nanos = Math.max(1, end.at - start.at);
		long count = 0;
		for (int bucket = 0; bucket < this.counts.length; bucket++) {
			this.counts[bucket] = end.latencies[bucket] - start.latencies[bucket];
			count += this.counts[bucket];
		}
		double running = Math.max(0, end.running - start.running) / nanos;
		double rate = count * Duration.ofSeconds(1).toNanos() / nanos;
		if (count == 0) {
			return new Figures(rate, null, null, running);
		}
		return new Figures(rate, latency(start, end, count),
				new QueueTime(millis((double) (end.waiting - start.waiting) / count), millis(longestWait())), running);
	}

	private void take(long now, long runningNow) {
		Sample sample = sample(this.taken++);
		sample.at = now;
		// Read first, so that a request that ends meanwhile does not raise a mean
		sample.waiting = this.figures.waitingNanos();
		sample.executing = this.figures.executingNanos();
		sample.running = this.figures.runningNanos() + runningNow;
		this.figures.copyLatencies(sample.latencies);
		sample.longest = this.figures.takeLongest();
		sample.longestWait = this.figures.takeLongestWait();
	}

	private Sample sample(long number) {
		return this.samples[(int) (number % this.samples.length)];
	}

	private Latency latency(Sample start, Sample end, long count) {
		double mean = (double) (end.waiting - start.waiting + end.executing - start.executing) / count;
		double longest = longest();
		return new Latency(millis(mean), millis(Math.min(percentile(0.5, count), longest)),
				millis(Math.min(percentile(0.99, count), longest)), millis(longest));
	}

	private double percentile(double share, long count) {
		long rank = (long) Math.ceil(share * count);
		long seen = 0;
		int bucket = -1;
		while (seen < rank) {
			seen += this.counts[++bucket];
		}
		return LatencyBuckets.middle(bucket);
	}

	/**
	 * Return the longest latency in the window. Each sample has the longest since the
	 * previous one.
	 */
	private double longest() {
		long longest = 0;
		for (long number = firstInside(); number < this.taken; number++) {
			longest = Math.max(longest, sample(number).longest);
		}
		return longest;
	}

	private double longestWait() {
		long longest = 0;
		for (long number = firstInside(); number < this.taken; number++) {
			longest = Math.max(longest, sample(number).longestWait);
		}
		return longest;
	}

	private long firstInside() {
		return Math.max(1, this.taken - SAMPLES);
	}

	private static double millis(double nanos) {
		return Math.max(0, nanos) / NANOS_PER_MILLI;
	}

}
