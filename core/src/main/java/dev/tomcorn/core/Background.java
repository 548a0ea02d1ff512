package dev.tomcorn.core;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Processes items one after the other in a thread of its own, so that callers never wait.
 * Drops items while too many are pending.
 *
 * @param <T> the type of items
 */
final class Background<T> implements AutoCloseable {

	private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

	/**
	 * Time for pending items when the arbiter ends.
	 */
	private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

	private final BlockingQueue<T> pending;

	private final Consumer<T> action;

	private final Thread thread;

	private volatile boolean closed;

	/**
	 * Start the thread.
	 * @param name the thread's name
	 * @param capacity most pending items @param action processes an item; exceptions are
	 * dropped
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
		return this.pending.offer(thing);
	}

	private void work() {
		try {
			while (!this.closed || !this.pending.isEmpty()) {
				T thing = this.pending.poll(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
				if (thing != null) {
					act(thing);
				}
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
	 * Process pending items for two seconds at most.
	 */
	@Override
	public void close() {
		this.closed = true;
		try {
			this.thread.join(CLOSE_LIMIT);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
