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

	static final Map<String, Event.Signal> SIGNALS = Map.of("TERM", Event.Signal.STOP, "INT", Event.Signal.STOP_FAST,
			"TTIN", Event.Signal.SCALE_UP, "TTOU", Event.Signal.SCALE_DOWN, "HUP", Event.Signal.RELOAD, "USR1",
			Event.Signal.DESCRIBE, "USR2", Event.Signal.REPLACE);

	private static final String SUSPEND = "USR2";

	private OperatingSystemSignals() {
	}

	/**
	 * Signals that do not reach the arbiter.
	 *
	 * @param refused signals that the JVM reserves, as with {@code -Xrs}
	 * @param ignored signals that were ignored at the start of the process, as by
	 * {@code nohup}
	 * @param taken signals that the JVM sends to itself
	 */
	public record UnhandledSignals(List<String> refused, List<String> ignored, List<String> taken) {

	}

	/**
	 * Turn the signals an operator sends to the arbiter into events.
	 * @param events takes the events; must not block
	 * @param warnings takes lines for the operator; must not block
	 * @param pauseOnWinch whether WINCH pauses the fleet
	 * @return the signals that do not reach the arbiter
	 */
	public static UnhandledSignals handle(Consumer<Event> events, Consumer<String> warnings, boolean pauseOnWinch) {
		Map<String, Event.Signal> signals = new HashMap<>(SIGNALS);
		if (pauseOnWinch && !hasTerminal()) {
			signals.put("WINCH", Event.Signal.PAUSE);
		}
		List<String> taken = new ArrayList<>();
		if (isRecording() && signals.remove(SUSPEND) != null) {
			taken.add(SUSPEND);
		}
		List<String> refused = new ArrayList<>();
		List<String> ignored = new ArrayList<>();
		signals.forEach((name, meaning) -> {
			try {
				SignalHandler handler = name.equals(SUSPEND) ? unlessRecorded(events, meaning, warnings)
						: (signal) -> events.accept(meaning);
				SignalHandler before = Signal.handle(new Signal(name), handler);
				if (before == SignalHandler.SIG_IGN) {
					ignored.add(name);
				}
			}
			catch (IllegalArgumentException ex) {
				refused.add(name);
			}
		});
		return new UnhandledSignals(List.copyOf(refused), List.copyOf(ignored), List.copyOf(taken));
	}

	/**
	 * A flight recording may also begin later, by {@code jcmd}.
	 */
	private static SignalHandler unlessRecorded(Consumer<Event> events, Event.Signal meaning,
			Consumer<String> warnings) {
		AtomicBoolean told = new AtomicBoolean();
		return (signal) -> {
			if (!isRecordingNow()) {
				events.accept(meaning);
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
			// A JVM without an accessible flight recorder
			return false;
		}
	}

	/**
	 * A flight recorder samples threads by sending them a signal, many times a second.
	 */
	private static boolean isRecording() {
		return ManagementFactory.getRuntimeMXBean()
			.getInputArguments()
			.stream()
			.anyMatch((option) -> option.startsWith("-XX:StartFlightRecording"));
	}

	/**
	 * A terminal sends WINCH whenever its window changes, which must not pause the fleet.
	 */
	private static boolean hasTerminal() {
		try {
			String stat = Files.readString(Path.of("/proc/self/stat"));
			// After the name in parentheses: state, parent, group, session, terminal
			String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 6);
			return !fields[4].equals("0");
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Handle TERM, if the JVM permits it.
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
	 * Ignore signals for the arbiter that reach every process, for example from a
	 * terminal. Child processes do not ignore them.
	 */
	public static void leaveToArbiter() {
		List.of("INT", "HUP").forEach(OperatingSystemSignals::ignore);
		List.of("USR1", "TTIN", "TTOU").forEach((name) -> {
			SignalHandler before = ignore(name);
			if (before != SignalHandler.SIG_DFL) {
				// The application or the parent process handles or ignores it
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
			// The user leaves it to the JVM
			return SignalHandler.SIG_DFL;
		}
	}

}
