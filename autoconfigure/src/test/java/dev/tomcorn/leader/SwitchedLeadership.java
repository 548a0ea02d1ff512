package dev.tomcorn.leader;

import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * A leadership that tests give and take.
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
		if (!this.leader) {
			return null;
		}
		this.holds.incrementAndGet();
		return this.holds::decrementAndGet;
	}

}
