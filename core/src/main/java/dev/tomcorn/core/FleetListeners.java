package dev.tomcorn.core;

import java.util.List;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.BackgroundThread;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.FleetEvent;
import dev.tomcorn.core.arbiter.FleetListener;
import org.jspecify.annotations.Nullable;

/**
 * The user's listeners, called by a thread of their own. Their exceptions are logged.
 * Events are dropped if they cannot keep up.
 */
final class FleetListeners implements FleetListener, AutoCloseable {

	private static final int MAX_PENDING = 1000;

	private final List<FleetListener> listeners;

	private final ArbiterLog log;

	private final @Nullable BackgroundThread thread;

	FleetListeners(List<FleetListener> listeners, ArbiterLog log) {
		this.listeners = listeners;
		this.log = log;
		this.thread = listeners.isEmpty() ? null : BackgroundThread.started("tomcorn-listeners", MAX_PENDING);
	}

	@Override
	public void onFleetEvent(FleetEvent event) {
		if (this.thread != null && !this.thread.offer(() -> tell(event))) {
			this.log.log(Level.WARN, "Listeners are too slow and miss " + event);
		}
	}

	private void tell(FleetEvent event) {
		for (FleetListener listener : this.listeners) {
			try {
				listener.onFleetEvent(event);
			}
			catch (Exception | Error ex) {
				this.log.log(Level.ERROR, "%s failed at %s: %s".formatted(listener.getClass().getName(), event, ex));
			}
		}
	}

	@Override
	public void close() {
		if (this.thread != null) {
			this.thread.close();
		}
	}

}
