package dev.tomcorn.core.signal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import dev.tomcorn.core.arbiter.Event;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Signals that come before it is known whether this JVM is to be an arbiter. They are
 * kept until then: an arbiter takes them as what they mean to it, and for any other JVM
 * it is as if they came at that moment.
 */
public final class EarlySignals {

	private static final List<String> NAMES = List.of("HUP", "USR1", "TTIN", "TTOU");

	private final SignalHandler keeper = this::came;

	private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();

	private final List<Signal> kept = new ArrayList<>();

	private @Nullable Consumer<Event> arbiter;

	private EarlySignals() {
	}

	/**
	 * Keep the signals that come from now on.
	 * @return what is kept
	 */
	public static EarlySignals keep() {
		EarlySignals signals = new EarlySignals();
		NAMES.forEach(signals::keep);
		return signals;
	}

	private synchronized void keep(String name) {
		try {
			Signal signal = new Signal(name);
			SignalHandler handler = Signal.handle(signal, this.keeper);
			if (handler == SignalHandler.SIG_IGN) {
				Signal.handle(signal, handler);
			}
			else {
				this.before.put(signal, handler);
			}
		}
		catch (IllegalArgumentException ex) {
			// The JVM keeps it for itself, or leaves it to the system
		}
	}

	private synchronized void came(Signal signal) {
		if (this.arbiter != null) {
			this.arbiter.accept(request(signal));
		}
		else if (this.before.containsKey(signal)) {
			this.kept.add(signal);
		}
		else {
			Signal.raise(signal);
		}
	}

	private static Event request(Signal signal) {
		Event request = OperatingSystemSignals.REQUESTS.get(signal.getName());
		if (request == null) {
			throw new IllegalArgumentException("No signal for an arbiter: " + signal);
		}
		return request;
	}

	/**
	 * Give what was kept to the arbiter that this JVM has become. It handles the signals
	 * that come from now on.
	 * @param events takes the events; must not block
	 */
	public synchronized void forwardTo(Consumer<Event> events) {
		this.arbiter = events;
		this.before.clear();
		this.kept.forEach((signal) -> events.accept(request(signal)));
		this.kept.clear();
	}

	/**
	 * Have the signals do again what they did before, and what was kept do it now. After
	 * {@link #forwardTo} nothing happens.
	 */
	public synchronized void release() {
		this.before.forEach((signal, handler) -> {
			SignalHandler current = Signal.handle(signal, handler);
			if (current != this.keeper) {
				// Somebody heeds it by now
				Signal.handle(signal, current);
			}
		});
		this.before.clear();
		this.kept.forEach(Signal::raise);
		this.kept.clear();
	}

}
