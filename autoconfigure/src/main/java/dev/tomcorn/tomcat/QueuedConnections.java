package dev.tomcorn.tomcat;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

import dev.tomcorn.core.listener.SharedListener;
import org.jspecify.annotations.Nullable;

/**
 * What waits in the kernel's queue when an application without siblings stops. No other
 * process takes it, and it would be reset with the socket. So the worker takes all of it,
 * also beyond its limit. Sockets that outlive the process are left as they are.
 */
final class QueuedConnections {

	private static final Duration LOOK_INTERVAL = Duration.ofMillis(5);

	/**
	 * Where the kernel does not tell its queue: without a new connection for this long,
	 * nothing waits in it.
	 */
	private static final Duration QUIET = Duration.ofMillis(100);

	/**
	 * Longest time to wait for an empty queue: clients that come all the time are let
	 * down at some time.
	 */
	private static final Duration LIMIT = Duration.ofSeconds(1);

	private final Supplier<@Nullable SharedListener> listener;

	private final IntSupplier port;

	private final AtomicLong taken = new AtomicLong();

	/**
	 * Create the queue.
	 * @param listener tells what the connections come from, unless that is Tomcat's own
	 * socket
	 * @param port tells the local port of its socket
	 */
	QueuedConnections(Supplier<@Nullable SharedListener> listener, IntSupplier port) {
		this.listener = listener;
		this.port = port;
	}

	/**
	 * A connection was taken out of the queue.
	 */
	void taken() {
		this.taken.incrementAndGet();
	}

	/**
	 * Wait until the acceptor has taken what waits.
	 */
	void awaitNone() {
		long start = System.nanoTime();
		while (!isEmpty() && System.nanoTime() - start < LIMIT.toNanos()) {
			LockSupport.parkNanos(LOOK_INTERVAL.toNanos());
		}
	}

	private boolean isEmpty() {
		SharedListener current = this.listener.get();
		if (current != null) {
			long before = current.emptyLooks();
			current.wakeUp();
			LockSupport.parkNanos(LOOK_INTERVAL.toNanos());
			return current.emptyLooks() > before;
		}
		OptionalInt length = KernelSockets.of(this.port.getAsInt()).queued();
		if (length.isPresent()) {
			return length.getAsInt() == 0;
		}
		long takenBefore = this.taken.get();
		LockSupport.parkNanos(QUIET.toNanos());
		return this.taken.get() == takenBefore;
	}

}
