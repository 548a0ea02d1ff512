package dev.tomcorn.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.tomcorn.core.shell.FleetCommand;
import dev.tomcorn.core.shell.OwnApplication;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.json.JsonWriter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The environment of the shell command.
 *
 * @param application the arguments before those of the command
 * @param options how the fleet is found, after them
 * @param directory for output
 * @param environment environment variables to set
 * @param inThisJvm the application's jar, if the command runs in the test's own JVM;
 * {@code null} if it is a process
 */
record Shell(List<String> application, List<String> options, Path directory, Map<String, String> environment,
		@Nullable Path inThisJvm) {

	private static final JsonWriter<Map<String, Object>> JSON = JsonWriter.standard();

	/**
	 * The result that the operator sees.
	 *
	 * @param exitCode the exit code
	 * @param out standard output
	 * @param err standard error
	 * @param took how long it took
	 */
	record Result(int exitCode, String out, String err, Duration took) {

		Result assertExit(int expected) {
			assertThat(this.exitCode).as("%s%s", this.out, this.err).isEqualTo(expected);
			return this;
		}

	}

	/**
	 * A packaged application as the command, for its only fleet below a directory.
	 */
	static Shell jar(Path jar, Path runDirectory, Path directory) {
		return new Shell(List.of(Launch.JAVA, "-Djarmode=tomcorn", "-jar", jar.toString()),
				List.of("--run-directory", runDirectory.toString()), directory, Map.of(), null);
	}

	/**
	 * The same without Boot's launcher and in the test's own JVM, for a test that runs it
	 * often. With an environment it is a process.
	 */
	static Shell quick(Path packaged, Path runDirectory, Path directory) {
		Path jar = ExtractedJar.of(packaged).jar();
		List<String> application = Stream
			.of(List.of(Launch.JAVA), Launch.QUICK_BOOT,
					List.of("-cp", jar.toString(), "dev.tomcorn.entry.TomcornCommand"))
			.flatMap(List::stream)
			.toList();
		return new Shell(application, List.of("--run-directory", runDirectory.toString()), directory, Map.of(), jar);
	}

	Shell application(String... newApplication) {
		return new Shell(List.of(newApplication), this.options, this.directory, this.environment, null);
	}

	Shell environment(String name, String value) {
		return new Shell(this.application, this.options, this.directory, Map.of(name, value), null);
	}

	Shell options(String... newOptions) {
		return new Shell(this.application, List.of(newOptions), this.directory, this.environment, this.inThisJvm);
	}

	Result run(String... arguments) {
		Result result = (this.inThisJvm != null) ? runHere(this.inThisJvm, arguments) : runProcess(arguments);
		Figures.print("tomcorn %s: exit code %d after %d ms: %s", String.join(" ", arguments), result.exitCode(),
				result.took().toMillis(), (result.out() + result.err()).lines().findFirst().orElse(""));
		return result;
	}

	private Result runHere(Path jar, String... arguments) {
		OwnApplication own = new OwnApplication(null, Set.of(jar), ClassLoader.getPlatformClassLoader());
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		ByteArrayOutputStream err = new ByteArrayOutputStream();
		long start = System.nanoTime();
		int exitCode = FleetCommand.run(Stream.of(List.of(arguments), this.options).flatMap(List::stream).toList(),
				() -> own, JSON::writeToString, new PrintStream(out, true, StandardCharsets.UTF_8),
				new PrintStream(err, true, StandardCharsets.UTF_8));
		return new Result(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8),
				Duration.ofNanos(System.nanoTime() - start));
	}

	private Result runProcess(String... arguments) {
		try {
			Path out = Files.createTempFile(this.directory, "out", null);
			Path err = Files.createTempFile(this.directory, "err", null);
			ProcessBuilder builder = new ProcessBuilder(
					Stream.of(this.application, List.of(arguments), this.options).flatMap(List::stream).toList())
				.redirectOutput(out.toFile())
				.redirectError(err.toFile());
			Launch.cleanEnvironment(builder);
			builder.environment().putAll(this.environment);
			long start = System.nanoTime();
			Process process = builder.start();
			try {
				assertThat(process.waitFor(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS))
					.as("tomcorn %s has ended", String.join(" ", arguments))
					.isTrue();
			}
			finally {
				process.destroyForcibly();
			}
			return new Result(process.exitValue(), Files.readString(out), Files.readString(err),
					Duration.ofNanos(System.nanoTime() - start));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
