package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A packaged application in the form that boots fastest: extracted by Boot's own tool,
 * with an AOT cache from a training run. It is made once for all tests, because most of
 * the cost of a build with many JVMs is their boot.
 *
 * @param jar the jar to start
 * @param cache the AOT cache
 */
record ExtractedJar(Path jar, Path cache) {

	static final Path PARENT = Launch.LOGS.resolveSibling("extracted");

	private static final Duration LIMIT = Duration.ofMinutes(10);

	private static final Map<Path, ExtractedJar> EXTRACTED = new ConcurrentHashMap<>();

	/**
	 * Return a packaged application's extracted form.
	 */
	static ExtractedJar of(Path packaged) {
		return EXTRACTED.computeIfAbsent(packaged, ExtractedJar::extract);
	}

	private static ExtractedJar extract(Path packaged) {
		String name = packaged.getFileName().toString();
		Path directory = PARENT.resolve(name.replace(".jar", ""));
		Path cache = directory.resolveSibling(name.replace(".jar", ".aot"));
		run(directory, "-Djarmode=tools", "-jar", packaged.toString(), "extract", "--force", "--destination",
				directory.toString());
		train(directory.resolve(name), cache);
		assertThat(cache).isRegularFile();
		return new ExtractedJar(directory.resolve(name), cache);
	}

	/**
	 * A worker of a fleet records, because it loads classes that a solo application does
	 * not. The cache also has the classes of the first requests, which otherwise take a
	 * new JVM a tenth of a boot.
	 */
	private static void train(Path jar, Path cache) {
		DemoProcess app = DemoProcess.start(
				Launch.java("-jar", jar.toString())
					.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.workers=1",
							"--tomcorn.graceful-timeout=" + LIMIT.toSeconds() + "s",
							"--tomcorn.jvm-options=-XX:AOTCacheOutput=" + cache),
				cache.resolveSibling(cache.getFileName() + ".log"));
		try {
			for (String path : List.of("/whoami", "/actuator/workers", "/actuator/health", "/actuator/metrics")) {
				app.load().simultaneous(2, path);
			}
			app.signal("TERM");
			// The worker's JVM writes the cache at its end
			app.awaitExit();
		}
		finally {
			app.end();
		}
	}

	private static void run(Path directory, String... arguments) {
		List<String> command = new ArrayList<>(List.of(Launch.JAVA));
		command.addAll(List.of(arguments));
		Path log = directory.resolveSibling(directory.getFileName() + ".log");
		try {
			Files.createDirectories(PARENT);
			ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
			Launch.cleanEnvironment(builder);
			Process process = builder.start();
			try {
				assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(command + " ended").isTrue();
				assertThat(process.exitValue()).as(() -> command + ", see " + log).isZero();
			}
			finally {
				process.descendants().forEach(ProcessHandle::destroyForcibly);
				process.destroyForcibly();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(command + " was interrupted", ex);
		}
	}

}
