package dev.tomcorn.core.process;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Ends this JVM by force when its orderly end does not come to its end: code that runs
 * then may hang, and nobody else may be there to end it.
 */
public final class EndLimit {

	private static final Duration LOOK_INTERVAL = Duration.ofMillis(100);

	private EndLimit() {
	}

	/**
	 * Halt when a time has passed.
	 * @param limit the time
	 * @param exitCode the exit code
	 */
	public static void haltAfter(Duration limit, int exitCode) {
		long deadline = System.nanoTime() + limit.toNanos();
		haltWhen(() -> System.nanoTime() - deadline >= 0, exitCode);
	}

	/**
	 * Halt as soon as a condition is true.
	 * @param condition the condition
	 * @param exitCode the exit code
	 */
	public static void haltWhen(BooleanSupplier condition, int exitCode) {
		Thread.ofPlatform().daemon().name("tomcorn-end-limit").start(() -> {
			while (!condition.getAsBoolean()) {
				LockSupport.parkNanos(LOOK_INTERVAL.toNanos());
			}
			Runtime.getRuntime().halt(exitCode);
		});
	}

}
