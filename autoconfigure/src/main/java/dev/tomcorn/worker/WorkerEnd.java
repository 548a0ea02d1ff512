package dev.tomcorn.worker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

import dev.tomcorn.core.RunDirectory;
import dev.tomcorn.core.process.EndLimit;
import dev.tomcorn.core.process.Recording;
import dev.tomcorn.core.process.WorkerIdentity;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;

/**
 * The end of this JVM as a worker. It begins once, drains, and has limits for every part
 * that may hang.
 */
final class WorkerEnd {

	private static final Log logger = LogFactory.getLog(WorkerEnd.class);

	/**
	 * Time that an orphan has to close its application before its configuration is read.
	 */
	private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

	/**
	 * Longest time between the close of an arbiter's connections and its end.
	 */
	private static final Duration ARBITER_END = Duration.ofSeconds(1);

	/**
	 * How long standard output may be blocked.
	 */
	private static final Duration OUTPUT_LIMIT = Duration.ofSeconds(5);

	private final @Nullable WorkerIdentity identity;

	private final Runnable whenBegun;

	private final IntConsumer exit;

	private final AtomicBoolean begun = new AtomicBoolean();

	private volatile Duration drainTimeout;

	private volatile Duration closeTimeout = CLOSE_LIMIT;

	private volatile @Nullable Drain drain;

	private volatile boolean orphaned;

	/**
	 * Create the end of a worker.
	 * @param identity identity of the worker, or {@code null} when solo: the JVM then
	 * ends as usual
	 * @param drainTimeout how long the drain may wait for requests in flight
	 * @param whenBegun runs when the end has begun; must neither block nor fail
	 * @param exit ends this JVM
	 */
	WorkerEnd(@Nullable WorkerIdentity identity, Duration drainTimeout, Runnable whenBegun, IntConsumer exit) {
		this.identity = identity;
		this.drainTimeout = drainTimeout;
		this.whenBegun = whenBegun;
		this.exit = exit;
	}

	/**
	 * Use the limits of this worker's configuration.
	 */
	void configure(Duration newDrainTimeout, Duration newCloseTimeout) {
		this.drainTimeout = newDrainTimeout;
		this.closeTimeout = newCloseTimeout;
	}

	void drainWith(Drain newDrain) {
		this.drain = newDrain;
	}

	Duration drainTimeout() {
		return this.drainTimeout;
	}

	boolean hasBegun() {
		return this.begun.get();
	}

	/**
	 * Return whether the arbiter of this worker has ended.
	 */
	boolean isOrphaned() {
		return this.orphaned;
	}

	/**
	 * Begin to drain and end. A further call, for example after INT, only changes the
	 * time limit of the drain.
	 */
	void begin(Duration gracefulTimeout) {
		this.drainTimeout = gracefulTimeout;
		if (begin()) {
			try {
				Thread.ofPlatform().name("tomcorn-end").start(() -> exit(0));
			}
			catch (OutOfMemoryError ex) {
				// No further thread can start
				exit(0);
			}
		}
	}

	/**
	 * Drain and end in this thread, unless the end has begun already.
	 */
	void run(int exitCode) {
		if (begin()) {
			exit(exitCode);
		}
	}

	/**
	 * Return whether this call begins the end.
	 */
	private boolean begin() {
		boolean first = this.begun.compareAndSet(false, true);
		if (first) {
			this.whenBegun.run();
		}
		return first;
	}

	/**
	 * Drain and end, because the arbiter has ended.
	 */
	void runOrphaned() {
		EndLimit.haltAfter(this.drainTimeout.plus(this.closeTimeout), 1);
		this.orphaned = true;
		// Delete it now, since this worker may be killed while it drains
		deleteRunDirectory();
		if (begin()) {
			logger.warn("The arbiter is gone: draining and ending");
			exit(0);
		}
	}

	private void exit(int exitCode) {
		try {
			haltIfOutputStalls();
		}
		catch (OutOfMemoryError ex) {
			// No further thread can start: the end goes on without this limit
		}
		try {
			Drain currentDrain = this.drain;
			if (currentDrain != null) {
				currentDrain.run();
			}
		}
		finally {
			this.exit.accept(exitCode);
		}
	}

	/**
	 * Halt if the log blocks: then everything that logs hangs, including the end of this
	 * JVM. Requests still get their time.
	 */
	private void haltIfOutputStalls() {
		long start = System.nanoTime();
		StalledOutput output = new StalledOutput().watch();
		EndLimit.haltWhen(() -> System.nanoTime() - start >= this.drainTimeout.toNanos()
				&& output.stalledFor().compareTo(OUTPUT_LIMIT) >= 0, 1);
	}

	/**
	 * Delete the run directory once the application is closed, if the arbiter has ended.
	 * @param closed runs afterwards
	 */
	void cleanUpWhenClosed(Runnable closed) {
		Path mark = Recording.closedMarkOfThisJvm();
		try {
			SpringApplication.getShutdownHandlers().add(() -> {
				cleanUp();
				if (mark != null) {
					Recording.closed(mark);
				}
				closed.run();
			});
		}
		catch (IllegalStateException ex) {
			// This JVM is already ending
		}
	}

	/**
	 * Delete the run directory at the end, because a worker writes to it while it closes
	 * the application. An arbiter closes its connections shortly before it ends, so wait
	 * for its end first.
	 */
	private void cleanUp() {
		long deadline = System.nanoTime() + ARBITER_END.toNanos();
		while (this.orphaned && isArbiterAlive() && System.nanoTime() < deadline) {
			LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
		}
		deleteRunDirectory();
	}

	private boolean isArbiterAlive() {
		return this.identity != null && this.identity.isArbiterAlive();
	}

	private void deleteRunDirectory() {
		if (this.identity != null && !this.identity.isArbiterAlive()) {
			RunDirectory.delete(this.identity.runDirectory());
		}
	}

}
