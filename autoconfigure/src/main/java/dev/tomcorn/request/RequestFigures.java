package dev.tomcorn.request;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Figures of the requests that have ended in this worker. Except for the longest times
 * they only grow, so a request costs a few additions. {@link FigureWindow} derives the
 * recent figures from them.
 * <p>
 * A request waits from the moment the worker class's executor gets its task until it
 * runs. It waits for a thread, and while the worker is at its limit. A request that
 * follows another on its connection at once does not wait for a thread.
 */
public final class RequestFigures {

	private static final double USUAL = 0.99;

	/**
	 * Minimum number of requests for a meaningful percentile.
	 */
	private static final long ENOUGH = 99;

	private final ThreadLocal<QueuedTask> current = new ThreadLocal<>();

	private final AtomicLongArray latencies = new AtomicLongArray(LatencyBuckets.COUNT);

	private final LongAdder waiting = new LongAdder();

	private final LongAdder executing = new LongAdder();

	private final LongAdder suspended = new LongAdder();

	private final AtomicLong longest = new AtomicLong();

	private final AtomicLong longestWait = new AtomicLong();

	private final LongSupplier nanoTime;

	RequestFigures(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	/**
	 * A task on its way to a thread.
	 */
	private final class QueuedTask implements Runnable {

		private final Runnable task;

		private final Runnable whenEnded;

		private final long at;

		private boolean taken;

		QueuedTask(Runnable task, Runnable whenEnded) {
			this.task = task;
			this.whenEnded = whenEnded;
			this.at = RequestFigures.this.nanoTime.getAsLong();
		}

		@Override
		public void run() {
			// Not removed afterwards, because a pool's thread reuses its entry
			RequestFigures.this.current.set(this);
			try {
				this.task.run();
			}
			finally {
				this.taken = true;
				this.whenEnded.run();
			}
		}

	}

	/**
	 * Record that an executor is about to get a task.
	 * @param task the task
	 * @param whenEnded runs after it, however it ends
	 * @return the task for the executor
	 */
	public Runnable queued(Runnable task, Runnable whenEnded) {
		return new QueuedTask(task, whenEnded);
	}

	/**
	 * Return how long the request that begins on this thread has waited for the thread.
	 */
	long takeWait(long now) {
		QueuedTask task = this.current.get();
		if (task == null || task.taken) {
			return 0;
		}
		task.taken = true;
		return Math.max(0, now - task.at);
	}

	/**
	 * Count a request that has ended.
	 * @param waited nanoseconds that it waited
	 * @param executed nanoseconds from then to its end
	 * @param idle the part of {@code executed} in which no thread ran it
	 */
	void ended(long waited, long executed, long idle) {
		long latency = waited + executed;
		this.waiting.add(waited);
		this.executing.add(executed);
		if (idle != 0) {
			this.suspended.add(idle);
		}
		raise(this.longest, latency);
		raise(this.longestWait, waited);
		this.latencies.getAndIncrement(LatencyBuckets.of(latency));
	}

	private static void raise(AtomicLong maximum, long value) {
		long current = maximum.get();
		while (value > current && !maximum.compareAndSet(current, value)) {
			current = maximum.get();
		}
	}

	/**
	 * Return how many requests have ended.
	 * @return the number of requests
	 */
	public long count() {
		long count = 0;
		for (int bucket = 0; bucket < LatencyBuckets.COUNT; bucket++) {
			count += this.latencies.get(bucket);
		}
		return count;
	}

	/**
	 * Return the total waiting time of all requests that have ended.
	 * @return the sum in nanoseconds
	 */
	public long waitingNanos() {
		return this.waiting.sum();
	}

	/**
	 * Return the total time from run to end of all requests that have ended. For
	 * asynchronous requests it includes the time without a thread.
	 * @return the sum in nanoseconds
	 */
	public long executingNanos() {
		return this.executing.sum();
	}

	/**
	 * Return the total time that threads ran the requests that have ended.
	 */
	long runningNanos() {
		return this.executing.sum() - this.suspended.sum();
	}

	/**
	 * Return the 99th percentile of the latency since the worker's start.
	 * @return the time in nanoseconds, 0 while there are too few requests
	 */
	public double usualNanos() {
		long[] counts = new long[LatencyBuckets.COUNT];
		copyLatencies(counts);
		long rank = (long) Math.ceil(USUAL * Arrays.stream(counts).sum());
		if (rank < ENOUGH) {
			return 0;
		}
		long seen = 0;
		int bucket = -1;
		while (seen < rank) {
			seen += counts[++bucket];
		}
		return LatencyBuckets.middle(bucket);
	}

	/**
	 * Copy the number of ended requests in each bucket of latency.
	 * @param target array of length {@link LatencyBuckets#COUNT}
	 */
	void copyLatencies(long[] target) {
		for (int bucket = 0; bucket < target.length; bucket++) {
			target[bucket] = this.latencies.get(bucket);
		}
	}

	/**
	 * Return the longest latency since the last call.
	 */
	long takeLongest() {
		return this.longest.getAndSet(0);
	}

	/**
	 * Return the longest wait since the last call.
	 */
	long takeLongestWait() {
		return this.longestWait.getAndSet(0);
	}

}
