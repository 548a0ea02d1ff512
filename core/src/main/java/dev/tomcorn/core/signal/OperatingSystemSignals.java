package dev.tomcorn.core.signal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
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
			Event.Request.RELOAD, "USR1", Event.Request.DESCRIBE, "USR2", Event.Request.REPLACE);

	private OperatingSystemSignals() {
	}

	/**
	 * Turn the signals an operator sends to the arbiter into events.
	 * @param events takes the events; must not block
	 * @return names of the signals that this JVM does not let go, as under {@code -Xrs}
	 */
	public static List<String> handle(Consumer<Event> events) {
		Map<String, Event.Request> requests = new HashMap<>(REQUESTS);
		if (!hasTerminal()) {
			requests.put("WINCH", Event.Request.PAUSE);
		}
		return requests.entrySet()
			.stream()
			.filter((entry) -> !handle(entry.getKey(), () -> events.accept(entry.getValue())))
			.map(Map.Entry::getKey)
			.toList();
	}

	/**
	 * A terminal sends WINCH whenever its window changes, which is no wish to pause. As
	 * in Gunicorn, only a process without one heeds it.
	 */
	private static boolean hasTerminal() {
		try {
			String stat = Files.readString(Path.of("/proc/self/stat"));
			// Behind the name in parentheses: state, parent, group, session, terminal
			String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 6);
			return !fields[4].equals("0");
		}
		catch (IOException ex) {
			return false;
		}
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
