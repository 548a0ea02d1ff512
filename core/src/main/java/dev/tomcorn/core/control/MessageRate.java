package dev.tomcorn.core.control;

import java.io.IOException;
import java.time.Duration;

/**
 * Limits the rate of messages on a connection. A client above the limit is faulty, and
 * its connection is closed.
 */
final class MessageRate {

	private static final int MAX_MESSAGES = 200;

	private static final long WINDOW = Duration.ofSeconds(1).toNanos();

	private long windowStart = System.nanoTime();

	private int messages;

	void count() throws IOException {
		long now = System.nanoTime();
		if (now - this.windowStart > WINDOW) {
			this.windowStart = now;
			this.messages = 0;
		}
		if (++this.messages > MAX_MESSAGES) {
			throw new IOException("More than " + MAX_MESSAGES + " messages in a second");
		}
	}

}
