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
 * The connections that wait in the kernel's queue when an application without siblings
 * stops. No other process takes them, and they would be reset with the socket. The worker
 * therefore takes all of them, even beyond its limit. Sockets that outlive the process
 * are left as they are.
 */
final class QueuedConnections {

	private static final Duration LOOK_INTERVAL = Duration.ofMillis(5);

	/**
	 * If the kernel does not show its queue: the queue counts as empty after this time
	 * without a new connection.
	 */
	private static final Duration QUIET = Duration.ofMillis(100);

	/**
	 * Longest time to wait for an empty queue. Clients that keep connecting are refused
	 * in the end.
	 */
	private static final Duration LIMIT = Duration.ofSeconds(1);

	private final Supplier<@Nullable SharedListener> listener;

	private final IntSupplier port;

	private final AtomicLong taken = new AtomicLong();

	/**
	 * Create the queue.
	 * @param listener supplies the listener of the connections, unless it is Tomcat's own
	 * socket
	 * @param port supplies the local port of its socket
	 */
	QueuedConnections(Supplier<@Nullable SharedListener> listener, IntSupplier port) {
		this.listener = listener;
		this.port = port;
	}

	/**
	 * The acceptor has taken a connection from the queue.
	 */
	void taken() {
		this.taken.incrementAndGet();
	}

	/**
	 * Wait until the acceptor has taken all waiting connections.
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
