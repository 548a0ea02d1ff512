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

	private final List<BooleanSupplier> looks = new CopyOnWriteArrayList<>();

	private @Nullable Thread thread;

	/**
	 * Look from now on.
	 * @param look looks, and returns whether it is to be called again
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
	 * Return whether there is something to look at. Without, the thread ends.
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
			logger.warn("The directory of the fleet cannot be looked at", ex);
			return true;
		}
	}

	/**
	 * Look no more.
	 */
	@Override
	public synchronized void close() {
		this.looks.clear();
		LockSupport.unpark(this.thread);
	}

}
