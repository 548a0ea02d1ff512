package dev.tomcorn.core.process;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Ends this JVM by force if its shutdown hangs and no other process can end it.
 */
public final class EndLimit {

	private static final Duration LOOK_INTERVAL = Duration.ofMillis(100);

	private static final String NAME = "tomcorn-end-limit";

	private EndLimit() {
	}

	/**
	 * Halt after a time.
	 * @param limit the time
	 * @param exitCode the exit code
	 */
	public static void haltAfter(Duration limit, int exitCode) {
		long deadline = System.nanoTime() + limit.toNanos();
		haltWhen(() -> System.nanoTime() - deadline >= 0, exitCode);
	}

	/**
	 * Halt as soon as a condition is true. If the system grants no further thread, a
	 * virtual thread waits on an existing carrier.
	 * @param condition the condition
	 * @param exitCode the exit code
	 */
	public static void haltWhen(BooleanSupplier condition, int exitCode) {
		start(List.of(Thread.ofPlatform().daemon().name(NAME)::start, Thread.ofVirtual().name(NAME)::start), () -> {
			while (!condition.getAsBoolean()) {
				LockSupport.parkNanos(LOOK_INTERVAL.toNanos());
			}
			Runtime.getRuntime().halt(exitCode);
		});
	}

	/**
	 * Start a thread of the first kind that is available.
	 * @param kinds each starts a thread
	 * @param task what the thread runs
	 */
	static void start(List<Consumer<Runnable>> kinds, Runnable task) {
		for (Consumer<Runnable> kind : kinds) {
			try {
				kind.accept(task);
				return;
			}
			catch (OutOfMemoryError ex) {
				// The shutdown goes on, without a limit if no kind is available
			}
		}
	}

}
