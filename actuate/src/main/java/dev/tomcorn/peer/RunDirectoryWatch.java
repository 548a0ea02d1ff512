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
 * Runs a worker's checks of the fleet's run directory, once a second in one thread. No
 * other regular task runs in that thread, because a check blocks when the disk hangs.
 */
public final class RunDirectoryWatch implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(RunDirectoryWatch.class);

	private static final Duration INTERVAL = Duration.ofSeconds(1);

	private final List<BooleanSupplier> looks = new CopyOnWriteArrayList<>();

	private @Nullable Thread thread;

	/**
	 * Add a check.
	 * @param look runs the check, and returns whether to call it again
	 */
	public synchronized void add(BooleanSupplier look) {
		this.looks.add(look);
		if (this.thread == null) {
			this.thread = Thread.ofPlatform().daemon().name("tomcorn-run-directory").start(this::run);
		}
	}

	private void run() {
		while (isNeeded()) {
			LockSupport.parkNanos(INTERVAL.toNanos());
			for (BooleanSupplier look : this.looks) {
				if (!isToGoOn(look)) {
					this.looks.remove(look);
				}
			}
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

	private static boolean isToGoOn(BooleanSupplier look) {
		try {
			return look.getAsBoolean();
		}
		catch (RuntimeException | Error ex) {
			logger.warn("A check of the fleet's run directory failed", ex);
			return true;
		}
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
