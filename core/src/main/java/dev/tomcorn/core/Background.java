package dev.tomcorn.core;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/**
 * Does something with one thing after the other in a thread of its own, so that whoever
 * hands it over never waits. What comes while too much is pending is left out.
 *
 * @param <T> the things
 */
final class Background<T> implements AutoCloseable {

	/**
	 * What the last things may take when the arbiter ends.
	 */
	private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

	/**
	 * What is pending. Nothing in it only wakes the thread up.
	 */
	private final BlockingQueue<Optional<T>> pending;

	private final Consumer<T> action;

	private final Thread thread;

	private volatile boolean closed;

	/**
	 * Start the thread.
	 * @param name the thread's name
	 * @param capacity how many things may be pending
	 * @param action what to do; what it throws is lost
	 */
	Background(String name, int capacity, Consumer<T> action) {
		this.pending = new ArrayBlockingQueue<>(capacity);
		this.action = action;
		this.thread = Thread.ofPlatform().daemon().name(name).start(this::work);
	}

	/**
	 * Hand a thing over.
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
			// The next may fare better
		}
	}

	/**
	 * Do what is pending, as far as that takes no more than two seconds.
	 */
	@Override
	public void close() {
		this.closed = true;
		// Where there is no room for that, the thread does not wait
		this.pending.offer(Optional.empty());
		try {
			this.thread.join(CLOSE_LIMIT);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
