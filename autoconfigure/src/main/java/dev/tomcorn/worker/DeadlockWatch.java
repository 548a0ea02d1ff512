package dev.tomcorn.worker;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

import dev.tomcorn.core.arbiter.BackgroundThread;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Detects deadlocks. The JVM knows the owners of locks for platform threads only. A
 * deadlock that includes a virtual thread is not detected, and shows as requests over
 * their time limit.
 */
final class DeadlockWatch {

	private static final Log logger = LogFactory.getLog(DeadlockWatch.class);

	private static final Duration INTERVAL = Duration.ofSeconds(5);

	private final ThreadMXBean threads;

	private final Consumer<String> found;

	private final Executor elsewhere;

	private final LongSupplier ticker;

	private long lookedAt;

	private Set<Long> seen = Set.of();

	private final Set<Set<Long>> reported = new HashSet<>();

	private final Set<Set<Long>> logged = new HashSet<>();

	private boolean failed;

	/**
	 * Create a watch.
	 * @param threads the threads
	 * @param found receives each deadlock once, or again if it failed, as a line for the
	 * operator; must not block
	 * @param elsewhere runs the logging, which may block on the deadlock
	 * @param ticker the clock, in nanoseconds
	 */
	DeadlockWatch(ThreadMXBean threads, Consumer<String> found, Executor elsewhere, LongSupplier ticker) {
		this.threads = threads;
		this.found = found;
		this.elsewhere = elsewhere;
		this.ticker = ticker;
		this.lookedAt = ticker.getAsLong();
	}

	/**
	 * Return a watch of the threads of this JVM.
	 * @param found receives each deadlock once, or again if it failed, as a line for the
	 * operator; must not block
	 */
	static DeadlockWatch ofThisJvm(Consumer<String> found) {
		return new DeadlockWatch(ManagementFactory.getThreadMXBean(), found,
				BackgroundThread.onDemand("tomcorn-deadlock"), System::nanoTime);
	}

	/**
	 * Check if the last check was long enough ago.
	 */
	void checkIfDue() {
		long now = this.ticker.getAsLong();
		if (now - this.lookedAt < INTERVAL.toNanos()) {
			return;
		}
		this.lookedAt = now;
		try {
			check();
		}
		catch (RuntimeException | Error ex) {
			cannotLook(ex);
		}
	}

	/**
	 * Log in another thread, because the heartbeat's thread must not wait for the log.
	 */
	private void cannotLook(Throwable cause) {
		if (this.failed) {
			return;
		}
		this.failed = true;
		try {
			this.elsewhere.execute(() -> logger.warn("Cannot look for deadlocks", cause));
		}
		catch (RuntimeException | Error ex) {
			// The next look may find what it needs
		}
	}

	/**
	 * Check now. A deadlock counts when it is found twice in a row, because threads that
	 * wait with a time limit resolve it themselves.
	 */
	void check() {
		long[] ids = this.threads.findDeadlockedThreads();
		Set<Long> now = (ids != null) ? Arrays.stream(ids).boxed().collect(Collectors.toUnmodifiableSet()) : Set.of();
		boolean again = now.equals(this.seen);
		this.seen = now;
		if (ids != null && again && !this.reported.contains(now)) {
			report(ids, this.logged.add(now));
			this.reported.add(now);
		}
	}

	private void report(long[] ids, boolean log) {
		List<ThreadInfo> involved = Arrays.stream(this.threads.getThreadInfo(ids, true, true))
			.filter(Objects::nonNull)
			.toList();
		String line = "deadlock of " + ids.length + " threads: "
				+ involved.stream().map(ThreadInfo::getThreadName).collect(Collectors.joining(", "));
		StringBuilder text = new StringBuilder(line);
		involved.forEach((thread) -> append(text, thread));
		// Report first: the log may hang in the same deadlock
		try {
			this.found.accept(line);
		}
		finally {
			if (log) {
				this.elsewhere.execute(() -> logger.error(text));
			}
		}
	}

	private static void append(StringBuilder text, ThreadInfo thread) {
		LockInfo lock = thread.getLockInfo();
		text.append(
				"%n\"%s\" waits for <%s> of \"%s\"".formatted(thread.getThreadName(), lock, thread.getLockOwnerName()));
		StackTraceElement[] stack = thread.getStackTrace();
		for (int depth = 0; depth < stack.length; depth++) {
			text.append("%n\tat %s".formatted(stack[depth]));
			for (MonitorInfo monitor : thread.getLockedMonitors()) {
				if (monitor.getLockedStackDepth() == depth) {
					text.append("%n\t- locked <%s>".formatted(monitor));
				}
			}
		}
		for (LockInfo owned : thread.getLockedSynchronizers()) {
			text.append("%n\t- holds <%s>".formatted(owned));
		}
	}

}
