package dev.tomcorn.worker;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Finds out whether virtual threads get to run, by starting one now and then.
 * <p>
 * They do not while every carrier is held: pinned, as by a native call, or occupied by
 * code that computes and never waits, for the JDK's scheduler takes no carrier away. A
 * worker whose carriers are all held for longer than the limit counts as stuck even if
 * what holds them is work, just as a worker of Gunicorn's gevent does: nothing else in it
 * goes on. An application with such requests runs them on a thread pool of its own or as
 * {@code gthread}. A worker that merely has much to do does not: there the probe has to
 * wait its turn, but requests end meanwhile.
 */
final class SchedulerProbe {

	static final Duration LIMIT = Duration.ofSeconds(2);

	/**
	 * After that the carriers are taken for held: a virtual thread that is to run waits
	 * much less for its turn.
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
			// Only now: had it failed, nothing would ever run
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
	 * Return whether, by then, the carriers seemed to be held.
	 */
	boolean held() {
		return this.withoutProgress > HELD.toNanos();
	}

}
