package dev.tomcorn.core.process;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
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
 * Keeps signals that arrive before this JVM knows whether it becomes an arbiter. An
 * arbiter then handles them as its own. In any other JVM they have their usual effect at
 * that moment.
 */
public final class EarlySignals {

	private static final List<String> NAMES = List.of("HUP", "USR1", "TTIN", "TTOU");

	private final SignalHandler keeper = this::came;

	private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();

	private final List<Signal> kept = new ArrayList<>();

	private @Nullable Consumer<Event> arbiter;

	private boolean released;

	private EarlySignals() {
	}

	/**
	 * Keep the signals that arrive from now on.
	 * @return the kept signals
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
			// The JVM reserves it, or leaves it to the system
		}
	}

	private void came(Signal signal) {
		SignalHandler handler = handlerOf(signal);
		if (handler == SignalHandler.SIG_DFL) {
			if (giveBack(signal, handler)) {
				raise(signal);
			}
		}
		else if (handler != null) {
			// Not raised: the current handler may have called this one
			handler.handle(signal);
		}
	}

	/**
	 * Return the handler to pass a signal on to, or {@code null} if it is handled here.
	 */
	private synchronized @Nullable SignalHandler handlerOf(Signal signal) {
		if (this.arbiter != null) {
			this.arbiter.accept(event(signal));
			return null;
		}
		SignalHandler handler = this.before.get(signal);
		if (handler != null && !this.released) {
			this.kept.add(signal);
			return null;
		}
		return handler;
	}

	/**
	 * Restore the previous handler of a signal, unless other code has replaced it
	 * meanwhile.
	 * @return whether the system's default applies, if that was the handler
	 */
	private synchronized boolean giveBack(Signal signal, SignalHandler handler) {
		// The handler cannot be read without setting one
		SignalHandler current = Signal.handle(signal, this.keeper);
		boolean free = current == this.keeper || current == handler;
		Signal.handle(signal, free ? handler : current);
		return free;
	}

	private static void raise(Signal signal) {
		try {
			Signal.raise(signal);
		}
		catch (IllegalArgumentException ex) {
			// The JVM cannot raise a signal that it leaves to the system
			raiseNatively(signal.getNumber());
		}
	}

	private static void raiseNatively(int signal) {
		try {
			// Not a CFunction: without native access its initializer throws an Error
			Linker linker = Linker.nativeLinker();
			MethodHandle kill = linker.downcallHandle(linker.defaultLookup().findOrThrow("kill"),
					FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
			int _ = (int) kill.invokeExact((int) ProcessHandle.current().pid(), signal);
		}
		catch (IllegalCallerException ex) {
			// Without native access the signal is lost
		}
		catch (RuntimeException | Error ex) {
			throw ex;
		}
		catch (Throwable ex) {
			throw new IllegalStateException("Cannot raise signal " + signal, ex);
		}
	}

	private static Event event(Signal signal) {
		Event event = OperatingSystemSignals.SIGNALS.get(signal.getName());
		if (event == null) {
			throw new IllegalArgumentException("Not a signal for an arbiter: " + signal);
		}
		return event;
	}

	/**
	 * Pass the kept signals to the arbiter of this JVM, which handles later ones itself.
	 * @param events takes the events; must not block
	 */
	public synchronized void forwardTo(Consumer<Event> events) {
		this.arbiter = events;
		this.kept.forEach((signal) -> events.accept(event(signal)));
		this.kept.clear();
	}

	/**
	 * Restore the previous handlers and raise the kept signals. The system's default
	 * action returns with the first signal that comes. Does nothing after
	 * {@link #forwardTo}.
	 */
	public synchronized void release() {
		if (this.released || this.arbiter != null) {
			return;
		}
		this.released = true;
		this.before.forEach((signal, handler) -> {
			// The JVM drops a signal that it has not dispatched when the default returns
			if (handler != SignalHandler.SIG_DFL) {
				giveBack(signal, handler);
			}
		});
		this.kept.forEach(EarlySignals::raise);
		this.kept.clear();
	}

}
