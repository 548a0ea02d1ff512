package dev.tomcorn.core;

import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.BackgroundThread;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.PrintableText;

/**
 * Writes the log in a thread of its own, because a log may hang: on a full disk, a
 * stopped terminal, or a pipe without a reader. Meanwhile it keeps lines up to a limit,
 * and only counts further ones.
 */
final class BackgroundLog implements ArbiterLog, AutoCloseable {

	private static final int MAX_PENDING = 10_000;

	private final ArbiterLog log;

	private final AtomicLong leftOut = new AtomicLong();

	private final BackgroundThread thread = BackgroundThread.started("tomcorn-log", MAX_PENDING);

	BackgroundLog(ArbiterLog log) {
		this.log = log;
	}

	@Override
	public void log(Level level, String message) {
		if (!this.thread.offer(() -> write(level, message))) {
			this.leftOut.incrementAndGet();
		}
	}

	private void write(Level level, String message) {
		long lost = this.leftOut.getAndSet(0);
		if (lost > 0) {
			this.log.log(Level.WARN, lost + " lines are missing here: the log was too slow");
		}
		// The message may contain a worker's report or an operator's text
		this.log.log(level, PrintableText.lines(message));
	}

	@Override
	public void close() {
		this.thread.close();
	}

}
