package dev.tomcorn.core.shell;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The command that shows and steers a fleet from a shell. Needs no application context,
 * no logging, and no answer of the fleet to show it.
 */
public final class FleetCommand {

	private FleetCommand() {
	}

	/**
	 * Run the command.
	 * @param arguments what to do
	 * @param own tells the application that the command belongs to
	 * @param json writes what is to be read by programs
	 * @param out takes the result
	 * @param err takes what is wrong
	 * @return the exit code
	 */
	public static int run(List<String> arguments, Supplier<OwnApplication> own,
			Function<Map<String, Object>, String> json, PrintStream out, PrintStream err) {
		try {
			CommandLine line = CommandLine.parse(arguments);
			if (line.help()) {
				out.print(Help.TEXT);
				return ExitCode.OK;
			}
			Output output = new Output(line.json() ? json : null, out, err);
			return run(line, own, output);
		}
		catch (UsageException ex) {
			Output.print("%s%n%n%s".formatted(ex.getMessage(), Help.TEXT), err);
			return ExitCode.USAGE;
		}
	}

	private static int run(CommandLine line, Supplier<OwnApplication> own, Output output) {
		if (line.verb() == Verb.PRELOAD) {
			return Preload.ofThisJvm().run(line.output(), output);
		}
		RunningFleet fleet;
		try {
			fleet = FleetFinder.ofThisMachine().find(line.wanted(), own);
		}
		catch (NoFleetException ex) {
			output.failed(ex.getMessage());
			return ExitCode.NO_FLEET;
		}
		return switch (line.verb()) {
			case STATUS -> {
				FleetReading reading = FleetReading.of(fleet);
				output.result(reading::status, () -> FleetText.status(reading));
				yield ExitCode.OK;
			}
			case WORKERS -> {
				FleetReading reading = FleetReading.of(fleet);
				output.result(reading::workers, () -> FleetText.workers(reading));
				yield ExitCode.OK;
			}
			case REQUESTS -> requests(fleet, output);
			case RELOAD, SCALE, RECYCLE, DUMP, PAUSE, RESUME, STOP, PRELOAD -> new Steering(fleet, output).steer(line);
		};
	}

	private static int requests(RunningFleet fleet, Output output) {
		try {
			RequestsReading reading = RequestsReading.of(fleet);
			output.result(reading::values, reading::text);
			return ExitCode.OK;
		}
		catch (IOException ex) {
			output.failed("The arbiter (pid %d) is of a version that does not keep requests".formatted(fleet.pid()));
			return ExitCode.FAILED;
		}
	}

}
