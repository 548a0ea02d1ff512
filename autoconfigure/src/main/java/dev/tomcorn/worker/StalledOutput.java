package dev.tomcorn.worker;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Detects that standard output or error of this JVM is blocked: no process reads the
 * pipe, or a terminal is stopped. Every thread that logs then hangs.
 */
final class StalledOutput {

	private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);

	private volatile long movedAt = System.nanoTime();

	/**
	 * Start to watch.
	 */
	StalledOutput watch() {
		Thread.ofPlatform().daemon().name("tomcorn-output").start(() -> {
			while (true) {
				// Blocks while another thread is blocked in its output
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
	 * Return for how long output has been blocked.
	 */
	Duration stalledFor() {
		return Duration.ofNanos(System.nanoTime() - this.movedAt);
	}

}
