package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The environment of the shell command.
 *
 * @param application the arguments before those of the command
 * @param options how the fleet is found, after them
 * @param directory for output
 * @param environment environment variables to set
 */
record Shell(List<String> application, List<String> options, Path directory, Map<String, String> environment) {

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
				List.of("--run-directory", runDirectory.toString()), directory, Map.of());
	}

	/**
	 * The same without Boot's launcher, for a test that runs it often.
	 */
	static Shell quick(Path packaged, Path runDirectory, Path directory) {
		Path jar = ExtractedJar.of(packaged).jar();
		return jar(packaged, runDirectory, directory).application(Stream
			.of(List.of(Launch.JAVA), Launch.QUICK_BOOT,
					List.of("-cp", jar.toString(), "dev.tomcorn.entry.TomcornCommand"))
			.flatMap(List::stream)
			.toArray(String[]::new));
	}

	Shell application(String... newApplication) {
		return new Shell(List.of(newApplication), this.options, this.directory, this.environment);
	}

	Shell environment(String name, String value) {
		return new Shell(this.application, this.options, this.directory, Map.of(name, value));
	}

	Shell options(String... newOptions) {
		return new Shell(this.application, List.of(newOptions), this.directory, this.environment);
	}

	Result run(String... arguments) {
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
			Result result = new Result(process.exitValue(), Files.readString(out), Files.readString(err),
					Duration.ofNanos(System.nanoTime() - start));
			Figures.print("tomcorn %s: exit code %d after %d ms: %s", String.join(" ", arguments), result.exitCode(),
					result.took().toMillis(), (result.out() + result.err()).lines().findFirst().orElse(""));
			return result;
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
