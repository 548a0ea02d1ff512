package dev.tomcorn.command;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Supplier;

import org.springframework.boot.logging.LoggingSystem;

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
		PrintStream out = System.out;
		int exitCode = run(List.of(args), FleetCommand::ownApplication, out, System.err);
		out.flush();
		System.exit(exitCode);
	}

	/**
	 * To read a configuration logs, and others may print: this JVM prints its result and
	 * nothing else.
	 */
	private static OwnApplication ownApplication() {
		PrintStream out = System.out;
		PrintStream err = System.err;
		PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
		System.setOut(nowhere);
		System.setErr(nowhere);
		try {
			LoggingSystem.get(Thread.currentThread().getContextClassLoader()).beforeInitialize();
			return OwnApplication.ofThisJvm();
		}
		finally {
			System.setOut(out);
			System.setErr(err);
		}
	}

	/**
	 * Run the command.
	 * @param arguments what to do
	 * @param own tells the application that the command belongs to
	 * @param out takes the result
	 * @param err takes what is wrong
	 * @return the exit code
	 */
	static int run(List<String> arguments, Supplier<OwnApplication> own, PrintStream out, PrintStream err) {
		try {
			CommandLine line = CommandLine.parse(arguments);
			if (line.help()) {
				out.print(Help.TEXT);
				return ExitCode.OK;
			}
			Output output = new Output(line.json(), out, err);
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
