package dev.tomcorn.core.shell;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The shell command that shows and controls a fleet. It needs no application context and
 * no logging. To show a fleet, it needs no answer of any process.
 */
public final class FleetCommand {

	private FleetCommand() {
	}

	/**
	 * Run the command.
	 * @param arguments the arguments
	 * @param own supplies the application that the command belongs to
	 * @param json writes JSON documents
	 * @param out stream for results
	 * @param err stream for errors
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
			output.failed("The version of the arbiter (pid %d) does not record requests".formatted(fleet.pid()));
			return ExitCode.FAILED;
		}
	}

}
