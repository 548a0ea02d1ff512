package dev.tomcorn.core.systemd;

import java.time.Duration;

/**
 * When something was last said that is to be said again.
 */
final class Interval {

	private boolean said;

	private long at;

	/**
	 * Note that it was said.
	 */
	void said(long now) {
		this.said = true;
		this.at = now;
	}

	/**
	 * Return whether it was not said yet, or so long ago.
	 */
	boolean isOver(long now, Duration length) {
		return !this.said || now - this.at >= length.toNanos();
	}

}
