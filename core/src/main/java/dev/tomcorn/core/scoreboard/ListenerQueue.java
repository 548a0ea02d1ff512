package dev.tomcorn.core.scoreboard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The kernel's queue of the shared listening socket. The arbiter reads it at every tick.
 * Workers count the connections that they take.
 */
public final class ListenerQueue {

	private static final VarHandle INT_FIELD = ValueLayout.JAVA_INT.varHandle();

	private static final VarHandle LONG_FIELD = ValueLayout.JAVA_LONG.varHandle();

	private static final long LENGTH = 0;

	private static final long LIMIT = 4;

	private static final long WAIT = 8;

	private static final long READ_AT = 16;

	// Fields that workers write have a cache line of their own

	private static final long TAKEN = 64;

	private static final long TAKEN_AT = 72;

	/**
	 * Most age of a valid reading. An older one means that the arbiter is gone or frozen.
	 */
	private static final Duration FRESH = Duration.ofSeconds(2);

	private final MemorySegment memory;

	ListenerQueue(MemorySegment memory) {
		this.memory = memory;
	}

	/**
	 * The last reading of the queue.
	 *
	 * @param length connections that waited
	 * @param limit most connections that the kernel queues
	 * @param waitTime estimated time that a connection waits
	 */
	public record Reading(int length, int limit, Duration waitTime) {
	}

	/**
	 * Publish a reading of the queue. Only for the arbiter.
	 * @param reading the queue now
	 */
	public void show(Reading reading) {
		INT_FIELD.setVolatile(this.memory, LENGTH, reading.length());
		INT_FIELD.setVolatile(this.memory, LIMIT, reading.limit());
		LONG_FIELD.setVolatile(this.memory, WAIT, reading.waitTime().toNanos());
		LONG_FIELD.setVolatile(this.memory, READ_AT, System.nanoTime());
	}

	/**
	 * Return the last reading of the queue.
	 * @return the last reading, or {@code null} if it is older than two seconds
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
	 * @return the number since the arbiter started, including ended workers
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
