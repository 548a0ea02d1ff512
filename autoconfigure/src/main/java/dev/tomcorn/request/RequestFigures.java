package dev.tomcorn.request;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Figures of the requests that this worker has ended. They only ever grow, apart from the
 * longest times, so that a request costs a few additions; {@link FigureWindow} makes of
 * them what happened lately. Nothing is allocated for a request.
 * <p>
 * A request waits from the moment its task is handed to the worker class's executor until
 * it runs: for a thread, and for the worker's limit to let it run. A request that follows
 * another on its connection at once does not wait for a thread.
 */
public final class RequestFigures {

	private static final double USUAL = 0.99;

	/**
	 * With fewer requests it is not known what is usual.
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
			// Not removed afterwards: a thread of a pool keeps its entry
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
	 * Note that a task is about to be handed to an executor.
	 * @param task the task
	 * @param whenEnded runs after it, however it ends
	 * @return what to hand to the executor
	 */
	public Runnable queued(Runnable task, Runnable whenEnded) {
		return new QueuedTask(task, whenEnded);
	}

	/**
	 * Return how long the request that begins on this thread has waited for it.
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
	 * @param idle the part of that in which no thread ran it
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
	 * Return how long all requests that have ended have waited in the worker.
	 * @return the sum in nanoseconds
	 */
	public long waitingNanos() {
		return this.waiting.sum();
	}

	/**
	 * Return how long all requests that have ended took from when they ran to their end,
	 * asynchronous ones also while no thread ran them.
	 * @return the sum in nanoseconds
	 */
	public long executingNanos() {
		return this.executing.sum();
	}

	/**
	 * Return how long threads have run the requests that have ended.
	 */
	long runningNanos() {
		return this.executing.sum() - this.suspended.sum();
	}

	/**
	 * Return the time below which 99 of 100 requests have stayed since the worker's
	 * start.
	 * @return the time in nanoseconds, 0 while there were too few to say
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
	 * Copy how many requests have ended in each class of latency.
	 * @param target as many as {@link LatencyBuckets#COUNT}
	 */
	void copyLatencies(long[] target) {
		for (int bucket = 0; bucket < target.length; bucket++) {
			target[bucket] = this.latencies.get(bucket);
		}
	}

	/**
	 * Return the longest latency since this was last asked.
	 */
	long takeLongest() {
		return this.longest.getAndSet(0);
	}

	/**
	 * Return the longest wait since this was last asked.
	 */
	long takeLongestWait() {
		return this.longestWait.getAndSet(0);
	}

}
