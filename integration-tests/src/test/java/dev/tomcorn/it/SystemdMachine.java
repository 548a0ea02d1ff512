package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A separate machine whose first process is a real systemd, with a network that has
 * loopback only. A script starts it ({@code up} with options of systemd-nspawn),
 * {@code run}s commands in it and takes it {@code down}. Without such a script the tests
 * are skipped, unless the property {@code systemd.required} is set.
 */
final class SystemdMachine implements AutoCloseable {

	static final String NONE = "Tests with systemd are skipped: no script starts a machine for them. "
			+ "Name one by -Dsystemd.machine";

	private static final Duration LIMIT = DemoProcess.PATIENCE;

	private final Path script;

	private SystemdMachine(Path script) {
		this.script = script;
	}

	/**
	 * The result of a command.
	 *
	 * @param exitCode its exit code
	 * @param output its output
	 */
	record Result(int exitCode, String output) {

		/**
		 * Return the output of a command that must not fail.
		 */
		String orFail() {
			assertThat(this.exitCode).as(this.output).isZero();
			return this.output.strip();
		}

	}

	/**
	 * Start the machine.
	 * @param options options of systemd-nspawn
	 * @return the machine, or {@code null} if there is no script and none is required
	 */
	static @Nullable SystemdMachine start(List<String> options) {
		String script = System.getProperty("systemd.machine", "");
		if (script.isEmpty() || !Files.exists(Path.of(script))) {
			Figures.print("%s", NONE);
			assertThat(Boolean.getBoolean("systemd.required")).as("systemd.required").isFalse();
			return null;
		}
		SystemdMachine machine = new SystemdMachine(Path.of(script));
		try {
			machine.script("up", options).orFail();
			return machine;
		}
		catch (RuntimeException | Error ex) {
			machine.close();
			throw ex;
		}
	}

	/**
	 * Run a command of a shell in it, in its directory {@code /srv}.
	 */
	Result run(String command) {
		return script("run", List.of("sh", "-c", "cd /srv; " + command));
	}

	/**
	 * Return what systemd knows about a unit.
	 */
	String property(String unit, String name) {
		return run("systemctl show --value --property %s %s".formatted(name, unit)).orFail();
	}

	/**
	 * Return systemd's log of a unit.
	 */
	String log(String unit) {
		return run("journalctl --no-pager --output cat --unit " + unit).output();
	}

	private Result script(String verb, List<String> arguments) {
		List<String> command = new ArrayList<>(List.of("bash", this.script.toString(), verb));
		command.addAll(arguments);
		@Nullable Process process = null;
		try {
			Path output = Files.createTempFile("tomcorn-systemd-", ".out");
			process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
			process.getOutputStream().close();
			assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(command + " ended").isTrue();
			String text = Files.readString(output, StandardCharsets.UTF_8);
			Files.delete(output);
			return new Result(process.exitValue(), text);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(command + " was interrupted", ex);
		}
		finally {
			if (process != null) {
				process.destroyForcibly();
			}
		}
	}

	@Override
	public void close() {
		script("down", List.of());
	}

}
