package dev.tomcorn.tomcat;

import java.time.Duration;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Decides when to warn that connections wait for a request that goes on without a thread.
 * One of the waiting connections may carry the request that would complete it.
 */
final class HeldUpConnections {

	/**
	 * How long connections must wait, at every check, before the warning.
	 */
	static final Duration LONG = Duration.ofSeconds(10);

	private final LongSupplier nanoTime;

	private @Nullable Long since;

	private boolean told;

	HeldUpConnections(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	/**
	 * Record the result of a check.
	 * @param heldUp whether connections wait for such a request
	 * @return whether to log the warning now, which happens once
	 */
	boolean update(boolean heldUp) {
		if (!heldUp || this.told) {
			this.since = null;
			return false;
		}
		long now = this.nanoTime.getAsLong();
		if (this.since == null) {
			this.since = now;
		}
		this.told = now - this.since >= LONG.toNanos();
		return this.told;
	}

}
