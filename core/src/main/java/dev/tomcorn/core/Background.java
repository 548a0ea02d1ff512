package dev.tomcorn.core;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/**
 * Processes items one after the other in a thread of its own, so that callers never wait.
 * Drops items while too many are pending.
 *
 * @param <T> the type of items
 */
final class Background<T> implements AutoCloseable {

	/**
	 * Time for pending items when the arbiter ends.
	 */
	private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

	/**
	 * The pending items. An empty one only wakes the thread.
	 */
	private final BlockingQueue<Optional<T>> pending;

	private final Consumer<T> action;

	private final Thread thread;

	private volatile boolean closed;

	/**
	 * Start the thread.
	 * @param name the thread's name
	 * @param capacity most pending items
	 * @param action processes an item; exceptions are dropped
	 */
	Background(String name, int capacity, Consumer<T> action) {
		this.pending = new ArrayBlockingQueue<>(capacity);
		this.action = action;
		this.thread = Thread.ofPlatform().daemon().name(name).start(this::work);
	}

	/**
	 * Add an item.
	 * @return whether there was room for it
	 */
	boolean offer(T thing) {
		return this.pending.offer(Optional.of(thing));
	}

	private void work() {
		try {
			while (!this.closed || !this.pending.isEmpty()) {
				this.pending.take().ifPresent(this::act);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void act(T thing) {
		try {
			this.action.accept(thing);
		}
		catch (Exception | Error ex) {
			// The next item may succeed
		}
	}

	/**
	 * Let the thread process the pending items, and wait for it for at most two seconds.
	 */
	@Override
	public void close() {
		this.closed = true;
		// If the queue is full, the thread is awake
		this.pending.offer(Optional.empty());
		try {
			this.thread.join(CLOSE_LIMIT);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
