package dev.tomcorn.core;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;

/**
 * Writes the log in a thread of its own, because a log may hang: a disk is full, a
 * terminal stands still, nobody reads a pipe. Lines that come meanwhile are kept up to a
 * number, and counted beyond it.
 */
final class BackgroundLog implements ArbiterLog, AutoCloseable {

	private static final int MAX_PENDING = 10_000;

	private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

	/**
	 * What the last lines may take when the arbiter ends.
	 */
	private static final Duration LAST_LINES_LIMIT = Duration.ofSeconds(2);

	private final ArbiterLog log;

	private final BlockingQueue<Line> pending = new ArrayBlockingQueue<>(MAX_PENDING);

	private final AtomicLong leftOut = new AtomicLong();

	private final Thread thread;

	private volatile boolean closed;

	private record Line(Level level, String message) {
	}

	BackgroundLog(ArbiterLog log) {
		this.log = log;
		this.thread = Thread.ofPlatform().daemon().name("tomcorn-log").start(this::write);
	}

	@Override
	public void log(Level level, String message) {
		if (!this.pending.offer(new Line(level, message))) {
			this.leftOut.incrementAndGet();
		}
	}

	private void write() {
		try {
			while (!this.closed || !this.pending.isEmpty()) {
				Line line = this.pending.poll(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
				if (line != null) {
					write(line);
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void write(Line line) {
		try {
			long lost = this.leftOut.getAndSet(0);
			if (lost > 0) {
				this.log.log(Level.WARN, lost + " lines are missing here: the log did not take them in time");
			}
			this.log.log(line.level(), line.message());
		}
		catch (Exception | Error ex) {
			// The next may get through
		}
	}

	@Override
	public void close() {
		this.closed = true;
		try {
			this.thread.join(LAST_LINES_LIMIT);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
