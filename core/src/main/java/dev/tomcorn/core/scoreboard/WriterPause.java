package dev.tomcorn.core.scoreboard;

import java.util.concurrent.locks.LockSupport;

/**
 * How a reader of shared memory waits while a writer is in the middle of a change. A
 * change takes less than a microsecond, unless the writer has no processor or hangs.
 */
final class WriterPause {

	private static final int SPINS = 100;

	private static final long PAUSE_NANOS = 100_000;

	private WriterPause() {
	}

	/**
	 * Wait before the next attempt: first for moments, then for 0.1 ms each.
	 * @param attempt number of the attempt that has failed, from 0
	 */
	static void after(int attempt) {
		if (attempt < SPINS) {
			Thread.onSpinWait();
		}
		else {
			LockSupport.parkNanos(PAUSE_NANOS);
		}
	}

}
