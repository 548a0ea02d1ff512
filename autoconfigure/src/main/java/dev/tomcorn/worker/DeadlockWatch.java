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

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Looks for threads that wait for each other for ever. The JVM knows the owners of locks
 * for platform threads only: a deadlock in which a virtual thread takes part is not seen,
 * and shows as requests over their time limit.
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

	/**
	 * Create a watch.
	 * @param threads the threads
	 * @param found told of a deadlock, once, in a line for the operator; must not block
	 * @param elsewhere writes it to the log, which may be what the threads wait for
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
	 * Return a watch over the threads of this JVM.
	 * @param found told of a deadlock, once, in a line for the operator; must not block
	 */
	static DeadlockWatch ofThisJvm(Consumer<String> found) {
		return new DeadlockWatch(ManagementFactory.getThreadMXBean(), found,
				Thread.ofPlatform().daemon().name("tomcorn-deadlock")::start, System::nanoTime);
	}

	/**
	 * Look, if the last look is long ago.
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
			logger.warn("Cannot look for deadlocks", ex);
		}
	}

	/**
	 * Look once. A deadlock counts when it is found twice in a row: locks that are waited
	 * for with a time limit resolve themselves.
	 */
	void check() {
		long[] ids = this.threads.findDeadlockedThreads();
		Set<Long> now = (ids != null) ? Arrays.stream(ids).boxed().collect(Collectors.toUnmodifiableSet()) : Set.of();
		boolean again = now.equals(this.seen);
		this.seen = now;
		if (ids != null && again && this.reported.add(now)) {
			report(ids);
		}
	}

	private void report(long[] ids) {
		List<ThreadInfo> involved = Arrays.stream(this.threads.getThreadInfo(ids, true, true))
			.filter(Objects::nonNull)
			.toList();
		String line = "deadlock of " + ids.length + " threads: "
				+ involved.stream().map(ThreadInfo::getThreadName).collect(Collectors.joining(", "));
		StringBuilder text = new StringBuilder(line);
		involved.forEach((thread) -> append(text, thread));
		// Before it is logged: what the log waits for may be what the threads wait for
		this.found.accept(line);
		this.elsewhere.execute(() -> logger.error(text));
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
