package dev.tomcorn.peer;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import dev.tomcorn.worker.LogThread;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Runs a worker's checks of the fleet's run directory, once a second in one thread. No
 * other regular task runs in that thread, because a check blocks when the disk hangs.
 */
public final class RunDirectoryWatch implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(RunDirectoryWatch.class);

	private static final Duration INTERVAL = Duration.ofSeconds(1);

	private final List<Look> looks = new CopyOnWriteArrayList<>();

	private final Executor elsewhere;

	private @Nullable Thread thread;

	/**
	 * Create a watch, without a thread as long as there is nothing to look at.
	 */
	public RunDirectoryWatch() {
		this(new LogThread("tomcorn-run-directory-log"));
	}

	/**
	 * Create a watch.
	 * @param elsewhere writes to the log, which may hang while the looks must go on
	 */
	RunDirectoryWatch(Executor elsewhere) {
		this.elsewhere = elsewhere;
	}

	/**
	 * Look from now on.
	 * @param look looks, and returns whether it is to be called again; must not wait for
	 * the log
	 */
	public synchronized void add(BooleanSupplier look) {
		this.looks.add(new Look(look, new AtomicBoolean()));
		if (this.thread == null) {
			this.thread = Thread.ofPlatform().daemon().name("tomcorn-run-directory").start(this::run);
		}
	}

	private void run() {
		try {
			while (isNeeded()) {
				LockSupport.parkNanos(INTERVAL.toNanos());
				lookAtAll();
			}
		}
		finally {
			ended();
		}
	}

	private void lookAtAll() {
		for (Look look : this.looks) {
			if (!isToGoOn(look)) {
				this.looks.remove(look);
			}
		}
	}

	/**
	 * Have the next look that is added start another thread, whatever has ended this one.
	 */
	private synchronized void ended() {
		if (this.thread == Thread.currentThread()) {
			this.thread = null;
		}
	}

	/**
	 * Return whether there are checks. If not, the thread ends.
	 */
	private synchronized boolean isNeeded() {
		if (this.looks.isEmpty()) {
			this.thread = null;
		}
		return this.thread != null;
	}

	private boolean isToGoOn(Look look) {
		try {
			return look.action().getAsBoolean();
		}
		catch (RuntimeException | Error ex) {
			if (look.failed().compareAndSet(false, true)) {
				report(ex);
			}
			return true;
		}
	}

	private void report(Throwable cause) {
		try {
			this.elsewhere.execute(() -> logger.warn("The directory of the fleet cannot be looked at", cause));
		}
		catch (RuntimeException | Error ex) {
			// The looks go on
		}
	}

	/**
	 * Something to look at. Only its first failure is logged.
	 */
	private record Look(BooleanSupplier action, AtomicBoolean failed) {

	}

	/**
	 * Remove all checks.
	 */
	@Override
	public synchronized void close() {
		this.looks.clear();
		LockSupport.unpark(this.thread);
	}

}
