package dev.tomcorn.worker;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Finds out whether a thread of this JVM hangs in its standard output or error: no
 * process reads the pipe, or a terminal stands still. Every thread that logs hangs then.
 */
final class StalledOutput {

	private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);

	private volatile long movedAt = System.nanoTime();

	/**
	 * Begin to watch.
	 */
	StalledOutput watch() {
		Thread.ofPlatform().daemon().name("tomcorn-output").start(() -> {
			while (true) {
				// Waits as long as another thread is in the middle of its output
				touch(System.out);
				touch(System.err);
				this.movedAt = System.nanoTime();
				LockSupport.parkNanos(LOOK_INTERVAL.toNanos());
			}
		});
		return this;
	}

	private static void touch(PrintStream stream) {
		stream.print("");
	}

	/**
	 * Return for how long no output has gone through.
	 */
	Duration stalledFor() {
		return Duration.ofNanos(System.nanoTime() - this.movedAt);
	}

}
