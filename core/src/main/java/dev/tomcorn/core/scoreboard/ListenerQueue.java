package dev.tomcorn.core.scoreboard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The kernel's queue of the shared listening socket. The arbiter looks at it at every
 * tick; workers count what they take out of it.
 */
public final class ListenerQueue {

	private static final VarHandle INT_FIELD = ValueLayout.JAVA_INT.varHandle();

	private static final VarHandle LONG_FIELD = ValueLayout.JAVA_LONG.varHandle();

	private static final long LENGTH = 0;

	private static final long LIMIT = 4;

	private static final long WAIT = 8;

	private static final long READ_AT = 16;

	// What workers write has a cache line of its own

	private static final long TAKEN = 64;

	private static final long TAKEN_AT = 72;

	/**
	 * A reading that is older tells nothing: the arbiter is gone or frozen.
	 */
	private static final Duration FRESH = Duration.ofSeconds(2);

	private final MemorySegment memory;

	ListenerQueue(MemorySegment memory) {
		this.memory = memory;
	}

	/**
	 * The queue as it was seen last.
	 *
	 * @param length connections that waited
	 * @param limit connections beyond which the kernel takes no more
	 * @param waitTime estimated time that a connection waits
	 */
	public record Reading(int length, int limit, Duration waitTime) {
	}

	/**
	 * Show what the queue looks like. Only the arbiter does.
	 * @param reading the queue now
	 */
	public void show(Reading reading) {
		INT_FIELD.setVolatile(this.memory, LENGTH, reading.length());
		INT_FIELD.setVolatile(this.memory, LIMIT, reading.limit());
		LONG_FIELD.setVolatile(this.memory, WAIT, reading.waitTime().toNanos());
		LONG_FIELD.setVolatile(this.memory, READ_AT, System.nanoTime());
	}

	/**
	 * Return what the queue looked like a moment ago.
	 * @return the last reading, or {@code null} if there is none of the last seconds
	 */
	public @Nullable Reading reading() {
		int limit = (int) INT_FIELD.getVolatile(this.memory, LIMIT);
		long readAt = (long) LONG_FIELD.getVolatile(this.memory, READ_AT);
		if (limit == 0 || System.nanoTime() - readAt > FRESH.toNanos()) {
			return null;
		}
		return new Reading((int) INT_FIELD.getVolatile(this.memory, LENGTH), limit,
				Duration.ofNanos((long) LONG_FIELD.getVolatile(this.memory, WAIT)));
	}

	/**
	 * Count a connection that a worker has taken.
	 */
	public void taken() {
		LONG_FIELD.getAndAdd(this.memory, TAKEN, 1L);
		LONG_FIELD.setOpaque(this.memory, TAKEN_AT, System.nanoTime());
	}

	/**
	 * Return how many connections workers have taken.
	 * @return the number since the arbiter started, by workers that have ended, too
	 */
	public long takenConnections() {
		return (long) LONG_FIELD.getVolatile(this.memory, TAKEN);
	}

	/**
	 * Return when a worker last took a connection.
	 * @return a reading of {@link System#nanoTime()}, meaningless before the first
	 */
	public long lastTaken() {
		return (long) LONG_FIELD.getVolatile(this.memory, TAKEN_AT);
	}

}
