package dev.tomcorn.tomcat;

import java.time.Duration;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Decides when to tell that connections wait for a request that goes on without a thread.
 * One of those that wait is perhaps to complete it.
 */
final class HeldUpConnections {

	/**
	 * For this long connections have to wait, at every look.
	 */
	static final Duration LONG = Duration.ofSeconds(10);

	private final LongSupplier nanoTime;

	private @Nullable Long since;

	private boolean told;

	HeldUpConnections(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	/**
	 * Look again.
	 * @param heldUp whether connections wait for such a request
	 * @return whether to tell of it now, which happens once
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
