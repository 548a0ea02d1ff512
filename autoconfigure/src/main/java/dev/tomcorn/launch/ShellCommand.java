package dev.tomcorn.launch;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;

import dev.tomcorn.core.shell.FleetCommand;
import dev.tomcorn.core.shell.OwnApplication;

import org.springframework.boot.json.JsonWriter;
import org.springframework.boot.logging.LoggingSystem;

/**
 * Runs the {@link FleetCommand} for the application on this JVM's class path.
 */
public final class ShellCommand {

	/**
	 * Value of the system property {@code jarmode} that selects the command.
	 */
	public static final String MODE = "tomcorn";

	static final JsonWriter<Map<String, Object>> JSON = JsonWriter.standard();

	private static final String NAME = "spring.application.name";

	private ShellCommand() {
	}

	/**
	 * Run the command and end this JVM with its exit code.
	 * @param args the arguments, see {@code --help}
	 */
	public static void main(String[] args) {
		PrintStream out = System.out;
		int exitCode = FleetCommand.run(List.of(args), ShellCommand::ownApplication, JSON::writeToString, out,
				System.err);
		out.flush();
		System.exit(exitCode);
	}

	/**
	 * Read the application's identity without output. Reading a configuration may log or
	 * print, but this JVM must print its result only.
	 */
	private static OwnApplication ownApplication() {
		PrintStream out = System.out;
		PrintStream err = System.err;
		PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
		System.setOut(nowhere);
		System.setErr(nowhere);
		try {
			ClassLoader classes = Thread.currentThread().getContextClassLoader();
			LoggingSystem.get(classes).beforeInitialize();
			return OwnApplication.ofThisJvm(LocalConfiguration.property(NAME, classes), classes);
		}
		finally {
			System.setOut(out);
			System.setErr(err);
		}
	}

}
