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
 * Every planned end of a worker begins here, before Tomcat and the application context
 * stop: take no more connections, announce the close of the open ones, wait for the
 * requests in flight.
 */
public final class Drain {

	private static final Log logger = LogFactory.getLog(Drain.class);

	private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

	/**
	 * A connection that has carried nothing for this long is closed. Shorter, and clients
	 * that are busy meet a closed connection; longer, and idle ones hold the drain up.
	 */
	static final Duration PATIENCE = Duration.ofSeconds(2);

	/**
	 * What the answers to requests that ran out of time may take to be sent.
	 */
	private static final Duration LAST_WORDS = Duration.ofSeconds(1);

	/**
	 * So many requests that are cut are named.
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
	 * @param announcement tells the application, once no more connections are taken; the
	 * drain goes on when it returns, fails or takes longer than the drain may
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
	 * Drain, unless that is done already; wait for a drain that is under way.
	 */
	public synchronized void run() {
		if (this.done) {
			return;
		}
		this.process.draining();
		try {
			this.traffic.stopAccepting();
		}
		catch (RuntimeException ex) {
			// The gate is closed at least; what was taken must be finished
			logger.error("The listening socket could not be closed", ex);
		}
		long start = this.nanoTime.getAsLong();
		announce(start);
		await(start);
		this.done = true;
	}

	private void announce(long start) {
		Thread thread = Thread.ofPlatform().name("tomcorn-draining").start(() -> {
			try {
				this.announcement.run();
			}
			catch (RuntimeException ex) {
				logger.error("A listener failed when told that the worker drains", ex);
			}
		});
		try {
			while (hasTimeLeft(start) && !thread.join(POLL_INTERVAL)) {
				// The time may have become shorter
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
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
				// Nothing is waited for but streams that need not end by themselves
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
	 * Answer what can be answered, close what is idle, and leave the rest to be cut.
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
