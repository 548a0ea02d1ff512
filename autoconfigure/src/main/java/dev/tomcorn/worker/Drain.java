package dev.tomcorn.worker;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

import dev.tomcorn.core.scoreboard.WorkerSlot;
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
	 * Idle connections that carry no request for this long are not waited for.
	 */
	private static final Duration QUIET = Duration.ofSeconds(1);

	private final WorkerProcess process;

	private final Traffic traffic;

	private boolean done;

	/**
	 * Create the drain of a worker.
	 * @param process the worker
	 * @param traffic the worker's connections
	 */
	public Drain(WorkerProcess process, Traffic traffic) {
		this.process = process;
		this.traffic = traffic;
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
		this.traffic.stopAccepting();
		this.traffic.announceClose();
		await();
		this.done = true;
	}

	private void await() {
		WorkerSlot slot = this.process.slot();
		long start = System.nanoTime();
		long quietSince = start;
		long handled = slot.handledRequests();
		while (slot.openConnections() > 0 || slot.activeRequests() > 0) {
			long now = System.nanoTime();
			if (slot.activeRequests() > 0 || slot.handledRequests() != handled) {
				handled = slot.handledRequests();
				quietSince = now;
			}
			if (now - quietSince >= QUIET.toNanos()) {
				return;
			}
			if (now - start >= this.process.drainTimeout().toNanos()) {
				if (slot.activeRequests() > 0) {
					logger.warn("Graceful timeout passed with " + slot.activeRequests() + " request(s) in flight");
				}
				return;
			}
			LockSupport.parkNanos(POLL_INTERVAL.toNanos());
		}
	}

}
