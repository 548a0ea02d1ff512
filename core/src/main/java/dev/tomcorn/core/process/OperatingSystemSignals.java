package dev.tomcorn.core.process;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import dev.tomcorn.core.arbiter.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.RecordingState;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Signals of the operating system. QUIT stays the JVM's thread dump.
 */
public final class OperatingSystemSignals {

	static final Map<String, Event.Request> REQUESTS = Map.of("TERM", Event.Request.STOP, "INT",
			Event.Request.STOP_FAST, "TTIN", Event.Request.SCALE_UP, "TTOU", Event.Request.SCALE_DOWN, "HUP",
			Event.Request.RELOAD, "USR1", Event.Request.DESCRIBE, "USR2", Event.Request.REPLACE);

	private static final String SUSPEND = "USR2";

	private OperatingSystemSignals() {
	}

	/**
	 * Signals that do not reach the arbiter.
	 *
	 * @param refused those that the JVM keeps for itself, as under {@code -Xrs}
	 * @param ignored those that the process was started with ignored, as by {@code nohup}
	 * @param taken those that the JVM sends to itself
	 */
	public record Unheard(List<String> refused, List<String> ignored, List<String> taken) {

	}

	/**
	 * Turn the signals an operator sends to the arbiter into events.
	 * @param events takes the events; must not block
	 * @param warnings takes lines for the operator; must not block
	 * @param pauseOnWinch whether WINCH pauses the fleet
	 * @return the signals for which that is not possible
	 */
	public static Unheard handle(Consumer<Event> events, Consumer<String> warnings, boolean pauseOnWinch) {
		Map<String, Event.Request> requests = new HashMap<>(REQUESTS);
		if (pauseOnWinch && !hasTerminal()) {
			requests.put("WINCH", Event.Request.PAUSE);
		}
		List<String> taken = new ArrayList<>();
		if (isRecording() && requests.remove(SUSPEND) != null) {
			taken.add(SUSPEND);
		}
		List<String> refused = new ArrayList<>();
		List<String> ignored = new ArrayList<>();
		requests.forEach((name, request) -> {
			try {
				SignalHandler handler = name.equals(SUSPEND) ? unlessRecorded(events, request, warnings)
						: (signal) -> events.accept(request);
				SignalHandler before = Signal.handle(new Signal(name), handler);
				if (before == SignalHandler.SIG_IGN) {
					ignored.add(name);
				}
			}
			catch (IllegalArgumentException ex) {
				refused.add(name);
			}
		});
		return new Unheard(List.copyOf(refused), List.copyOf(ignored), List.copyOf(taken));
	}

	/**
	 * A flight recording may also begin later, by {@code jcmd}.
	 */
	private static SignalHandler unlessRecorded(Consumer<Event> events, Event.Request request,
			Consumer<String> warnings) {
		AtomicBoolean told = new AtomicBoolean();
		return (signal) -> {
			if (!isRecordingNow()) {
				events.accept(request);
			}
			else if (told.compareAndSet(false, true)) {
				warnings.accept("%s does not replace this arbiter while a flight recording runs, which uses the signal"
					.formatted(SUSPEND));
			}
		};
	}

	private static boolean isRecordingNow() {
		try {
			return FlightRecorder.isInitialized() && FlightRecorder.getFlightRecorder()
				.getRecordings()
				.stream()
				.anyMatch((recording) -> recording.getState() == RecordingState.RUNNING);
		}
		catch (LinkageError | RuntimeException ex) {
			// A JVM without a flight recorder, or one that cannot tell
			return false;
		}
	}

	/**
	 * A flight recorder looks at a thread when it has stopped that by a signal: many
	 * times a second.
	 */
	private static boolean isRecording() {
		return ManagementFactory.getRuntimeMXBean()
			.getInputArguments()
			.stream()
			.anyMatch((option) -> option.startsWith("-XX:StartFlightRecording"));
	}

	/**
	 * A terminal sends WINCH whenever its window changes, which is no wish to pause, even
	 * where the signal may be one.
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
	 * Heed TERM in a way of one's own, as far as the JVM lets that happen.
	 * @param action runs at each TERM, in a thread of its own
	 */
	public static void onTerminate(Runnable action) {
		try {
			Signal.handle(new Signal("TERM"), (signal) -> action.run());
		}
		catch (IllegalArgumentException ex) {
			// The JVM keeps it for itself, or leaves it to the system
		}
	}

	/**
	 * Ignore what is meant for the arbiter and sent to every process, by a terminal for
	 * example. Other programs that this one starts do not ignore it.
	 */
	public static void leaveToArbiter() {
		List.of("INT", "HUP").forEach(OperatingSystemSignals::ignore);
		List.of("USR1", "TTIN", "TTOU").forEach((name) -> {
			SignalHandler before = ignore(name);
			if (before != SignalHandler.SIG_DFL) {
				// The application heeds it, or whoever has started this process
				Signal.handle(new Signal(name), before);
			}
		});
	}

	private static SignalHandler ignore(String name) {
		try {
			return Signal.handle(new Signal(name), (signal) -> {
			});
		}
		catch (IllegalArgumentException ex) {
			// Left to the JVM by the user's wish
			return SignalHandler.SIG_DFL;
		}
	}

}
