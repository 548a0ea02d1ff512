package dev.tomcorn.leader;

import java.util.concurrent.atomic.AtomicInteger;

import dev.tomcorn.Leadership;
import org.jspecify.annotations.Nullable;

/**
 * A leadership that tests grant and revoke.
 */
final class SwitchedLeadership implements Leadership {

	final AtomicInteger holds = new AtomicInteger();

	volatile boolean leader;

	@Override
	public boolean isLeader() {
		return this.leader;
	}

	@Override
	public @Nullable Hold hold() {
		// In this order: after a revocation, no hold means that none can follow
		this.holds.incrementAndGet();
		if (!this.leader) {
			this.holds.decrementAndGet();
			return null;
		}
		return this.holds::decrementAndGet;
	}

}
