package dev.tomcorn.worker;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Determines whether virtual threads run, by starting one regularly.
 * <p>
 * They do not run while every carrier is held. A carrier is held while its virtual thread
 * is pinned, for example by a native call, or computes without waiting, because the JDK's
 * scheduler does not preempt. A worker whose carriers are all held for longer than the
 * limit counts as stuck, even if they do useful work, because nothing else in it goes on.
 * A gevent worker of Gunicorn behaves in the same way. An application with such requests
 * should run them on a thread pool of its own or use {@code gthread}. A worker that is
 * only busy does not count as stuck: its probe waits for its turn, but requests end
 * meanwhile.
 */
final class SchedulerProbe {

	static final Duration LIMIT = Duration.ofSeconds(2);

	/**
	 * After this time the carriers count as held: normally a virtual thread waits much
	 * less for its turn.
	 */
	static final Duration HELD = Duration.ofMillis(400);

	private final Executor virtualThreads;

	private final LongSupplier ticker;

	private final LongSupplier handledRequests;

	private volatile long lastRun;

	private long lastStarted;

	private long progressAt;

	private long withoutProgress;

	private long handled;

	/**
	 * Create a probe.
	 * @param virtualThreads starts a virtual thread
	 * @param ticker the clock, in nanoseconds
	 * @param handledRequests number of requests that have ended
	 */
	SchedulerProbe(Executor virtualThreads, LongSupplier ticker, LongSupplier handledRequests) {
		this.virtualThreads = virtualThreads;
		this.ticker = ticker;
		this.handledRequests = handledRequests;
	}

	/**
	 * Return whether no virtual thread has run and no request has ended for longer than
	 * the limit. Starts another virtual thread only when the last one has run, so that
	 * they do not pile up.
	 */
	boolean stuck() {
		long now = this.ticker.getAsLong();
		long handledNow = this.handledRequests.getAsLong();
		if (this.lastRun == this.lastStarted) {
			long number = this.lastStarted + 1;
			this.virtualThreads.execute(() -> this.lastRun = number);
			// Set after the start: if the start fails, the next call must start again
			this.lastStarted = number;
			this.progressAt = now;
		}
		else if (handledNow != this.handled) {
			this.progressAt = now;
		}
		this.handled = handledNow;
		this.withoutProgress = now - this.progressAt;
		return this.withoutProgress > LIMIT.toNanos();
	}

	/**
	 * Return whether the carriers appeared to be held at the last check.
	 */
	boolean held() {
		return this.withoutProgress > HELD.toNanos();
	}

}
