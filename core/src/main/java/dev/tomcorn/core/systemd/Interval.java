package dev.tomcorn.core.systemd;

import java.time.Duration;

/**
 * When a repeated message was last sent.
 */
final class Interval {

	private boolean said;

	private long at;

	/**
	 * Record that it was sent.
	 */
	void said(long now) {
		this.said = true;
		this.at = now;
	}

	/**
	 * Return whether it was never sent, or longer ago than a length.
	 */
	boolean isOver(long now, Duration length) {
		return !this.said || now - this.at >= length.toNanos();
	}

}
