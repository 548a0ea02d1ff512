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
 * The end of this JVM as a worker: it begins once, drains, and has limits of its own for
 * what may hang.
 */
final class WorkerEnd {

	private static final Log logger = LogFactory.getLog(WorkerEnd.class);

	/**
	 * What an orphan that has not read its configuration may take to end.
	 */
	private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

	/**
	 * What an arbiter may take to be gone after its connections are.
	 */
	private static final Duration ARBITER_END = Duration.ofSeconds(1);

	/**
	 * What standard output may take to let something through.
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
	 * @param identity who the worker is, or {@code null} when solo: then the JVM ends as
	 * any does
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
	 * Return whether the arbiter of this worker is gone.
	 */
	boolean isOrphaned() {
		return this.orphaned;
	}

	/**
	 * Begin to drain and end. Asked again, as after INT, only the time that the drain may
	 * take changes.
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
	 * Return whether the end begins now, and had not before.
	 */
	private boolean begin() {
		boolean first = this.begun.compareAndSet(false, true);
		if (first) {
			this.whenBegun.run();
		}
		return first;
	}

	/**
	 * Drain and end, because the arbiter is gone.
	 */
	void runOrphaned() {
		EndLimit.haltAfter(this.drainTimeout.plus(this.closeTimeout), 1);
		this.orphaned = true;
		// Now already, for this worker may be killed before its end
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
	 * Where the log hangs, everything does that logs, the end of this JVM included. Its
	 * requests get their time all the same.
	 */
	private void haltIfOutputStalls() {
		long start = System.nanoTime();
		StalledOutput output = new StalledOutput().watch();
		EndLimit.haltWhen(() -> System.nanoTime() - start >= this.drainTimeout.toNanos()
				&& output.stalledFor().compareTo(OUTPUT_LIMIT) >= 0, 1);
	}

	/**
	 * Leave nothing behind that only the arbiter would have deleted, once the application
	 * is closed.
	 */
	void cleanUpWhenClosed() {
		Path mark = Recording.closedMarkOfThisJvm();
		try {
			SpringApplication.getShutdownHandlers().add(() -> {
				cleanUp();
				if (mark != null) {
					Recording.closed(mark);
				}
			});
		}
		catch (IllegalStateException ex) {
			// This JVM was told to end while it began
		}
	}

	/**
	 * A worker that closes its application writes to the run directory until then, and
	 * the arbiter, whose connections were closed before it was gone, has had its time.
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
