package dev.tomcorn.core;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

import dev.tomcorn.core.scoreboard.ListenerQueue;

/**
 * Estimates how long a connection waits in the kernel's queue, by Little's law: its
 * length divided by the rate at which workers take connections out of it. While they take
 * none, it is the time since the last one. It never exceeds the time since the queue was
 * last seen empty.
 */
final class QueueWatch {

	/**
	 * Window of the rate.
	 */
	static final Duration WINDOW = Duration.ofSeconds(1);

	private final ListenerQueue queue;

	private final LongSupplier ticker;

	private final Deque<Reading> readings = new ArrayDeque<>();

	private long emptyAt;

	/**
	 * Create the watch of an empty queue.
	 * @param queue where to publish it
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
	 * Take a reading at every tick of the arbiter.
	 * @param length connections that wait
	 * @param limit most connections that the kernel queues
	 * @return the published reading
	 */
	ListenerQueue.Reading sample(int length, int limit) {
		long now = this.ticker.getAsLong();
		Reading latest = new Reading(now, this.queue.takenConnections());
		this.readings.addLast(latest);
		// Keep one that is a window old
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
