package dev.tomcorn.command;

import java.io.PrintStream;
import java.util.List;

/**
 * The command that shows and steers a fleet from a shell. Needs no application context,
 * no logging, and no answer of the fleet to show it.
 */
public final class FleetCommand {

	/**
	 * Value of the system property {@code jarmode} that asks for the command.
	 */
	public static final String MODE = "tomcorn";

	private FleetCommand() {
	}

	/**
	 * Run the command and end this JVM with its exit code.
	 * @param args what to do, see {@code --help}
	 */
	public static void main(String[] args) {
		int exitCode = run(List.of(args), System.out, System.err);
		System.out.flush();
		System.exit(exitCode);
	}

	/**
	 * Run the command.
	 * @param arguments what to do
	 * @param out takes the result
	 * @param err takes what is wrong
	 * @return the exit code
	 */
	static int run(List<String> arguments, PrintStream out, PrintStream err) {
		try {
			CommandLine line = CommandLine.parse(arguments);
			if (line.help()) {
				out.print(Help.TEXT);
				return ExitCode.OK;
			}
			Output output = new Output(line.json(), out, err);
			return run(line, output);
		}
		catch (UsageException ex) {
			err.println(ex.getMessage());
			err.println();
			err.print(Help.TEXT);
			return ExitCode.USAGE;
		}
	}

	private static int run(CommandLine line, Output output) {
		RunningFleet fleet;
		try {
			fleet = FleetFinder.ofThisMachine().find(line.runDirectory(), line.pid());
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
			case RELOAD, SCALE, RECYCLE, DUMP, PAUSE, RESUME, STOP -> new Steering(fleet, output).steer(line);
		};
	}

}
