package dev.tomcorn.peer;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import dev.tomcorn.core.arbiter.BackgroundThread;
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

	private final List<Check> checks = new CopyOnWriteArrayList<>();

	private final Executor logExecutor;

	private @Nullable Thread thread;

	/**
	 * Create a watch. It has no thread as long as it has no checks.
	 */
	public RunDirectoryWatch() {
		this(BackgroundThread.onDemand("tomcorn-run-directory-log"));
	}

	/**
	 * Create a watch.
	 * @param logExecutor writes to the log, which may block while the checks must go on
	 */
	RunDirectoryWatch(Executor logExecutor) {
		this.logExecutor = logExecutor;
	}

	/**
	 * Add a check.
	 * @param check runs the check, and returns whether to call it again; must not wait
	 * for the log
	 */
	public synchronized void add(BooleanSupplier check) {
		this.checks.add(new Check(check, new AtomicBoolean()));
		if (this.thread == null) {
			this.thread = Thread.ofPlatform().daemon().name("tomcorn-run-directory").start(this::run);
		}
	}

	private void run() {
		while (isNeeded()) {
			LockSupport.parkNanos(INTERVAL.toNanos());
			try {
				runAll();
			}
			catch (RuntimeException | Error ex) {
				// The next round may have the memory that this one lacked
			}
		}
	}

	private void runAll() {
		for (Check check : this.checks) {
			if (!shouldContinue(check)) {
				this.checks.remove(check);
			}
		}
	}

	/**
	 * Return whether there are checks. If not, the thread ends.
	 */
	private synchronized boolean isNeeded() {
		if (this.checks.isEmpty()) {
			this.thread = null;
		}
		return this.thread != null;
	}

	private boolean shouldContinue(Check check) {
		try {
			return check.action().getAsBoolean();
		}
		catch (RuntimeException | Error ex) {
			if (check.failed().compareAndSet(false, true)) {
				report(ex);
			}
			return true;
		}
	}

	private void report(Throwable cause) {
		try {
			this.logExecutor.execute(() -> logger.warn("A check of the fleet's run directory failed", cause));
		}
		catch (RuntimeException | Error ex) {
			// Without a log line, the checks go on
		}
	}

	/**
	 * A check. Only its first failure is logged.
	 */
	private record Check(BooleanSupplier action, AtomicBoolean failed) {

	}

	/**
	 * Remove all checks.
	 */
	@Override
	public synchronized void close() {
		this.checks.clear();
		LockSupport.unpark(this.thread);
	}

}
