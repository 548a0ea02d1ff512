package dev.tomcorn.core;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.FleetEvent;
import dev.tomcorn.core.arbiter.FleetListener;
import org.jspecify.annotations.Nullable;

/**
 * The user's listeners, called by a thread of their own. What they throw is logged, and
 * when they cannot keep up, events are left out.
 */
final class FleetListeners implements FleetListener, AutoCloseable {

	private static final int MAX_PENDING = 1000;

	/**
	 * What listeners may take for the last events when the arbiter ends.
	 */
	private static final Duration LAST_EVENTS_LIMIT = Duration.ofSeconds(2);

	private static final Duration CLOSE_INTERVAL = Duration.ofMillis(100);

	private final List<FleetListener> listeners;

	private final ArbiterLog log;

	private final BlockingQueue<FleetEvent> pending = new ArrayBlockingQueue<>(MAX_PENDING);

	private final @Nullable Thread thread;

	private volatile boolean closed;

	FleetListeners(List<FleetListener> listeners, ArbiterLog log) {
		this.listeners = listeners;
		this.log = log;
		this.thread = listeners.isEmpty() ? null
				: Thread.ofPlatform().daemon().name("tomcorn-listeners").start(this::tell);
	}

	@Override
	public void onFleetEvent(FleetEvent event) {
		if (this.thread != null && !this.pending.offer(event)) {
			this.log.log(Level.WARN, "Listeners are too slow to be told of " + event);
		}
	}

	private void tell() {
		try {
			while (!this.closed || !this.pending.isEmpty()) {
				FleetEvent event = this.pending.poll(CLOSE_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
				if (event != null) {
					this.listeners.forEach((listener) -> tell(listener, event));
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void tell(FleetListener listener, FleetEvent event) {
		try {
			listener.onFleetEvent(event);
		}
		catch (Exception | Error ex) {
			this.log.log(Level.ERROR, "%s failed at %s: %s".formatted(listener.getClass().getName(), event, ex));
		}
	}

	@Override
	public void close() {
		this.closed = true;
		if (this.thread == null) {
			return;
		}
		try {
			this.thread.join(LAST_EVENTS_LIMIT);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
