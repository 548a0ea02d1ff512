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
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Looks for threads that wait for each other for ever. The JVM knows the owners of locks
 * for platform threads only: a deadlock in which a virtual thread takes part is not seen,
 * and shows as requests over their time limit.
 */
final class DeadlockWatch implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(DeadlockWatch.class);

	private static final Duration INTERVAL = Duration.ofSeconds(5);

	private final ThreadMXBean threads;

	private final Consumer<String> found;

	private Set<Long> seen = Set.of();

	private final Set<Set<Long>> reported = new HashSet<>();

	private volatile boolean closed;

	DeadlockWatch(ThreadMXBean threads, Consumer<String> found) {
		this.threads = threads;
		this.found = found;
	}

	/**
	 * Watch the threads of this JVM, in a thread of its own.
	 * @param found told of a deadlock, once, in a line for the operator; called by the
	 * watching thread
	 * @return the watch
	 */
	public static DeadlockWatch start(Consumer<String> found) {
		return start(found, INTERVAL);
	}

	/**
	 * Watch at a given interval, for tests.
	 */
	static DeadlockWatch start(Consumer<String> found, Duration interval) {
		DeadlockWatch watch = new DeadlockWatch(ManagementFactory.getThreadMXBean(), found);
		Thread.ofPlatform().daemon().name("tomcorn-deadlock-watch").start(() -> watch.run(interval));
		return watch;
	}

	private void run(Duration interval) {
		while (!this.closed) {
			LockSupport.parkNanos(interval.toNanos());
			try {
				check();
			}
			catch (RuntimeException | Error ex) {
				logger.warn("Cannot look for deadlocks", ex);
			}
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
		// Before it is logged: the log may be what the threads wait for
		this.found.accept(line);
		logger.error(text);
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

	/**
	 * End the watch.
	 */
	@Override
	public void close() {
		this.closed = true;
	}

}
