package dev.tomcorn.core.shell;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.Answer;
import org.jspecify.annotations.Nullable;

/**
 * Creates the extracted layout and the AOT cache of the command's application, for
 * example for a container image. It needs no fleet.
 */
final class Preload {

	private static final String CACHE = "app.aot";

	private final Path java;

	private final List<String> jvmOptions;

	private final @Nullable Path jar;

	/**
	 * Create the preparation.
	 * @param java the JVM's launcher
	 * @param jvmOptions the JVM options of the application
	 * @param jar the jar of the application, or {@code null} if it is not in one
	 */
	Preload(Path java, List<String> jvmOptions, @Nullable Path jar) {
		this.java = java;
		this.jvmOptions = List.copyOf(jvmOptions);
		this.jar = jar;
	}

	/**
	 * Return the preparation for the application of this JVM, with its JVM options.
	 */
	static Preload ofThisJvm() {
		String classPath = System.getProperty("java.class.path", "");
		List<String> options = ManagementFactory.getRuntimeMXBean()
			.getInputArguments()
			.stream()
			.filter((option) -> !option.startsWith("-Djarmode="))
			.toList();
		return new Preload(Path.of(System.getProperty("java.home"), "bin", "java"), options,
				(classPath.endsWith(".jar") && Files.isRegularFile(Path.of(classPath))) ? Path.of(classPath) : null);
	}

	/**
	 * Create both.
	 * @param directory their directory
	 * @param output the output
	 * @return the exit code
	 */
	int run(Path directory, Output output) {
		Path source = this.jar;
		if (source == null) {
			output.failed("The application is not in a jar: start the command by java -Djarmode=tomcorn -jar app.jar");
			return ExitCode.FAILED;
		}
		try {
			if (!isEmpty(directory)) {
				output.failed("%s is not empty.".formatted(directory));
				return ExitCode.FAILED;
			}
			Path extracted = directory.resolve(source.getFileName());
			Path cache = directory.resolve(CACHE);
			run(List.of("-Djarmode=tools", "-jar", source.toString(), "extract", "--force", "--destination",
					directory.toString()), "Boot's tool to extract " + source);
			run(Stream
				.of(this.jvmOptions,
						List.of("-XX:AOTCacheOutput=" + cache, "-Dspring.context.exit=onRefresh", "-jar",
								extracted.toString(), "--tomcorn.arbiter.enabled=false"))
				.flatMap(List::stream)
				.toList(), "The training run");
			if (!Files.isRegularFile(cache)) {
				output.failed("The training run has created no cache: its output says why.");
				return ExitCode.FAILED;
			}
			return output.answer(new Answer(Answer.Outcome.SUCCEEDED, command(extracted, cache)));
		}
		catch (IOException | UncheckedIOException ex) {
			output.failed(String.valueOf(ex.getMessage()));
			return ExitCode.FAILED;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return ExitCode.FAILED;
		}
	}

	private String command(Path extracted, Path cache) {
		return String.join(" ", Stream
			.of(List.of("java"), this.jvmOptions, List.of("-XX:AOTCache=" + cache, "-jar", extracted.toString()))
			.flatMap(List::stream)
			.toList());
	}

	private static boolean isEmpty(Path directory) throws IOException {
		if (!Files.exists(directory)) {
			return true;
		}
		try (Stream<Path> files = Files.list(directory)) {
			return files.findFirst().isEmpty();
		}
	}

	/**
	 * Run a process. Its output is not part of the result.
	 */
	private void run(List<String> arguments, String what) throws IOException, InterruptedException {
		List<String> words = new ArrayList<>(List.of(this.java.toString()));
		words.addAll(arguments);
		ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
		builder.environment().remove("JDK_JAVA_OPTIONS");
		builder.environment().remove("JAVA_TOOL_OPTIONS");
		builder.environment().remove("_JAVA_OPTIONS");
		Process process = builder.start();
		process.getOutputStream().close();
		process.getInputStream().transferTo(System.err);
		int code = process.waitFor();
		if (code != 0) {
			throw new IOException("%s has ended with exit code %d.".formatted(what, code));
		}
	}

}
