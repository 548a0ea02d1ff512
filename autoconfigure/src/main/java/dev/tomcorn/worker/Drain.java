package dev.tomcorn.worker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.request.RequestSnapshot;
import dev.tomcorn.request.RequestsInFlight;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The first part of every planned end of a worker, before Tomcat and the application
 * context stop. It stops taking connections, announces the close of the open ones, and
 * waits for the requests in flight.
 */
public final class Drain {

	private static final Log logger = LogFactory.getLog(Drain.class);

	private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

	/**
	 * A connection that has been idle for this long is closed. If the time were shorter,
	 * active clients would find their connection closed. If it were longer, idle
	 * connections would delay the drain.
	 */
	static final Duration PATIENCE = Duration.ofSeconds(2);

	/**
	 * Longest time to send the responses to requests that have timed out.
	 */
	private static final Duration LAST_WORDS = Duration.ofSeconds(1);

	/**
	 * How many of the aborted requests the log names.
	 */
	private static final int NAMED = 5;

	private final WorkerProcess process;

	private final Traffic traffic;

	private final RequestsInFlight requests;

	private final Runnable announcement;

	private final LongSupplier nanoTime;

	private final Consumer<Duration> pause;

	private boolean done;

	/**
	 * Create the drain of a worker.
	 * @param process the worker
	 * @param traffic the worker's connections
	 * @param requests its requests
	 * @param announcement notifies the application once no more connections are taken;
	 * the drain goes on when it returns, fails or takes longer than the drain may take
	 */
	public Drain(WorkerProcess process, Traffic traffic, RequestsInFlight requests, Runnable announcement) {
		this(process, traffic, requests, announcement, System::nanoTime,
				(time) -> LockSupport.parkNanos(time.toNanos()));
	}

	Drain(WorkerProcess process, Traffic traffic, RequestsInFlight requests, Runnable announcement,
			LongSupplier nanoTime, Consumer<Duration> pause) {
		this.process = process;
		this.traffic = traffic;
		this.requests = requests;
		this.announcement = announcement;
		this.nanoTime = nanoTime;
		this.pause = pause;
		process.drainWith(this);
	}

	/**
	 * Drain, or wait for a drain in progress. Does nothing after a drain.
	 */
	public synchronized void run() {
		if (this.done) {
			return;
		}
		try {
			this.process.draining();
		}
		catch (RuntimeException | Error ex) {
			logger.error("The arbiter could not be told that the worker drains", ex);
		}
		try {
			this.traffic.stopAccepting();
		}
		catch (RuntimeException | Error ex) {
			// The gate is closed, and the connections already taken must be finished
			logger.error("The listening socket could not be closed", ex);
		}
		long start = this.nanoTime.getAsLong();
		announce(start);
		await(start);
		this.done = true;
	}

	private void announce(long start) {
		try {
			Thread thread = Thread.ofPlatform().name("tomcorn-draining").start(this::tell);
			while (hasTimeLeft(start) && !thread.join(POLL_INTERVAL)) {
				// Check again, since the time limit may have been shortened
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (OutOfMemoryError ex) {
			logger.error("The application cannot be told that the worker drains", ex);
		}
	}

	private void tell() {
		try {
			this.announcement.run();
		}
		catch (RuntimeException | Error ex) {
			logger.error("A listener of the drain has failed", ex);
		}
	}

	private boolean hasTimeLeft(long start) {
		return this.nanoTime.getAsLong() - start < this.process.drainTimeout().toNanos();
	}

	private void await(long start) {
		WorkerSlot slot = this.process.slot();
		while (slot.openConnections() > 0 || slot.activeRequests() > 0 || this.traffic.stopAcceptingManagement() > 0) {
			this.traffic.windDown(PATIENCE);
			if (!hasTimeLeft(start)) {
				giveUp(slot);
				return;
			}
			int active = slot.activeRequests();
			long waited = this.nanoTime.getAsLong() - start;
			if (active > 0 && waited >= PATIENCE.toNanos() && this.traffic.eventStreams() >= active) {
				// Only event streams are left, which may never end by themselves
				this.traffic.endEventStreams();
			}
			this.pause.accept(POLL_INTERVAL);
		}
	}

	private static String named(List<RequestSnapshot> requests) {
		return requests.isEmpty() ? ""
				: requests.stream()
					.limit(NAMED)
					.map(RequestSnapshot::clause)
					.collect(Collectors.joining(", ", ": ", (requests.size() > NAMED) ? ", …" : ""));
	}

	/**
	 * Send the responses that can be sent, close idle connections, and leave the rest to
	 * be aborted.
	 */
	private void giveUp(WorkerSlot slot) {
		int active = slot.activeRequests();
		if (active > 0) {
			String what = active + " request(s) in flight" + named(this.requests.snapshot());
			logger.warn(this.process.drainTimeout().isZero() ? "Not waiting for " + what
					: "Graceful timeout passed with " + what);
		}
		int cut = active - this.traffic.timeOutAsynchronous();
		long start = this.nanoTime.getAsLong();
		do {
			this.traffic.windDown(Duration.ZERO);
			if (slot.activeRequests() <= cut && slot.openConnections() <= cut) {
				return;
			}
			this.pause.accept(POLL_INTERVAL);
		}
		while (this.nanoTime.getAsLong() - start < LAST_WORDS.toNanos());
	}

}
