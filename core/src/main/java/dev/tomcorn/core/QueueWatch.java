package dev.tomcorn.core;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

import dev.tomcorn.core.scoreboard.ListenerQueue;

/**
 * Estimates how long a connection waits in the kernel's queue, by Little's law: its
 * length divided by the rate at which workers take connections out of it. While they take
 * none it is the time for which nothing moves. It is never more than the time since the
 * queue was last seen empty, which is the longest that anything in it can have waited.
 */
final class QueueWatch {

	/**
	 * What the rate is taken from.
	 */
	static final Duration WINDOW = Duration.ofSeconds(1);

	private final ListenerQueue queue;

	private final LongSupplier ticker;

	private final Deque<Reading> readings = new ArrayDeque<>();

	private long emptyAt;

	/**
	 * Create the watch of a queue that is empty.
	 * @param queue where to show it
	 * @param ticker the clock that all processes share, in nanoseconds
	 */
	QueueWatch(ListenerQueue queue, LongSupplier ticker) {
		this.queue = queue;
		this.ticker = ticker;
		this.emptyAt = ticker.getAsLong();
	}

	private record Reading(long at, long taken) {
	}

	/**
	 * Look at the queue, as at every tick of the arbiter.
	 * @param length connections that wait
	 * @param limit connections beyond which the kernel takes no more
	 * @return what the queue shows from now on
	 */
	ListenerQueue.Reading sample(int length, int limit) {
		long now = this.ticker.getAsLong();
		Reading latest = new Reading(now, this.queue.takenConnections());
		this.readings.addLast(latest);
		// One that is a window old stays
		while (this.readings.size() > 2 && now - second().at() >= WINDOW.toNanos()) {
			this.readings.removeFirst();
		}
		if (length == 0) {
			this.emptyAt = now;
		}
		ListenerQueue.Reading reading = new ListenerQueue.Reading(length, limit, waitTime(length, now));
		this.queue.show(reading);
		return reading;
	}

	private Reading second() {
		return this.readings.stream().skip(1).findFirst().orElseThrow();
	}

	private Duration waitTime(int length, long now) {
		if (length == 0) {
			return Duration.ZERO;
		}
		long sinceEmpty = now - this.emptyAt;
		Reading start = this.readings.getFirst();
		Reading end = this.readings.getLast();
		long taken = end.taken() - start.taken();
		long estimate = (taken > 0) ? (long) ((double) length * (end.at() - start.at()) / taken)
				: (end.taken() > 0) ? now - this.queue.lastTaken() : sinceEmpty;
		return Duration.ofNanos(Math.clamp(estimate, 0, sinceEmpty));
	}

}
