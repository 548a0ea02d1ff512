package dev.tomcorn.peer;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Looks once a second, in one thread, at what a worker has to see in the directory of its
 * fleet. Nothing else that is regular runs in that thread: a look waits for the disk when
 * the disk hangs.
 */
public final class RunDirectoryWatch implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(RunDirectoryWatch.class);

	private static final Duration INTERVAL = Duration.ofSeconds(1);

	private final List<BooleanSupplier> checks = new CopyOnWriteArrayList<>();

	private @Nullable Thread thread;

	/**
	 * Look from now on.
	 * @param check checks, and returns whether it is to be called again
	 */
	public synchronized void add(BooleanSupplier check) {
		this.checks.add(check);
		if (this.thread == null) {
			this.thread = Thread.ofPlatform().daemon().name("tomcorn-run-directory").start(this::run);
		}
	}

	private void run() {
		while (isNeeded()) {
			LockSupport.parkNanos(INTERVAL.toNanos());
			for (BooleanSupplier check : this.checks) {
				if (!isToGoOn(check)) {
					this.checks.remove(check);
				}
			}
		}
	}

	/**
	 * Return whether there is something to look at. Without, the thread ends.
	 */
	private synchronized boolean isNeeded() {
		if (this.checks.isEmpty()) {
			this.thread = null;
		}
		return this.thread != null;
	}

	private static boolean isToGoOn(BooleanSupplier check) {
		try {
			return check.getAsBoolean();
		}
		catch (RuntimeException | Error ex) {
			logger.warn("The directory of the fleet cannot be looked at", ex);
			return true;
		}
	}

	/**
	 * Look no more.
	 */
	@Override
	public synchronized void close() {
		this.checks.clear();
		LockSupport.unpark(this.thread);
	}

}
