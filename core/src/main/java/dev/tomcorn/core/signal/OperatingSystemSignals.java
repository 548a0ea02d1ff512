package dev.tomcorn.core.signal;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import dev.tomcorn.core.arbiter.Event;
import sun.misc.Signal;

/**
 * Signals of the operating system. QUIT stays the JVM's thread dump.
 */
public final class OperatingSystemSignals {

	private static final Map<String, Event.Request> REQUESTS = Map.of("TERM", Event.Request.STOP, "INT",
			Event.Request.STOP_FAST, "TTIN", Event.Request.SCALE_UP, "TTOU", Event.Request.SCALE_DOWN, "HUP",
			Event.Request.RELOAD);

	private OperatingSystemSignals() {
	}

	/**
	 * Turn the signals an operator sends to the arbiter into events.
	 * @param events takes the events; must not block
	 * @return names of the signals that this JVM does not let go, as under {@code -Xrs}
	 */
	public static List<String> handle(Consumer<Event> events) {
		return REQUESTS.entrySet()
			.stream()
			.filter((entry) -> !handle(entry.getKey(), () -> events.accept(entry.getValue())))
			.map(Map.Entry::getKey)
			.toList();
	}

	/**
	 * Ignore what a terminal sends to every process of its group, where the arbiter says
	 * what is to be done.
	 */
	public static void leaveToArbiter() {
		for (String name : List.of("INT", "HUP")) {
			handle(name, () -> {
			});
		}
	}

	private static boolean handle(String name, Runnable action) {
		try {
			Signal.handle(new Signal(name), (signal) -> action.run());
			return true;
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

}
