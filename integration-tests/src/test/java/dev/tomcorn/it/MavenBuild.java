package dev.tomcorn.it;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Builds of other projects, by the Maven of this one.
 *
 * @param repository where they install and download to; missing artefacts come from the
 * repository of this build
 * @param log the output of the last one
 * @param patience longest time for one
 */
record MavenBuild(Path repository, Path log, Duration patience) {

	private static final Set<String> NOT_SOURCE = Set.of("target", ".git", ".idea");

	/**
	 * Copy a project without build results and unrelated files.
	 */
	static void copySources(Path from, Path to) throws IOException {
		Files.walkFileTree(from, new SimpleFileVisitor<>() {

			@Override
			public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
				if (NOT_SOURCE.contains(folder.getFileName().toString())) {
					return FileVisitResult.SKIP_SUBTREE;
				}
				Files.createDirectories(to.resolve(from.relativize(folder)));
				return FileVisitResult.CONTINUE;
			}

			@Override
			public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
				if (!NOT_SOURCE.contains(file.getFileName().toString())) {
					Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
				}
				return FileVisitResult.CONTINUE;
			}

		});
	}

	static void deleteTree(Path tree) throws IOException {
		if (Files.exists(tree)) {
			try (Stream<Path> files = Files.walk(tree)) {
				for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
					Files.delete(file);
				}
			}
		}
	}

	/**
	 * Run a command, which must succeed.
	 * @param where its directory
	 * @param command the shell command
	 * @param variables environment variables to set
	 */
	void run(Path where, String command, Map<String, String> variables) throws IOException, InterruptedException {
		ProcessBuilder builder = new ProcessBuilder("sh", "-c", command).directory(where.toFile())
			.redirectInput(new File("/dev/null"))
			.redirectErrorStream(true)
			.redirectOutput(this.log.toFile());
		Launch.cleanEnvironment(builder);
		Map<String, String> environment = builder.environment();
		String wrapper = System.getenv("MAVEN_USER_HOME");
		if (wrapper != null) {
			environment.put("MAVEN_USER_HOME", wrapper);
		}
		environment.put("MAVEN_ARGS",
				"--batch-mode --no-transfer-progress -Dmaven.repo.local=%s -Dmaven.repo.local.tail=%s"
					.formatted(this.repository, repositories()));
		environment.putAll(variables);
		long start = System.nanoTime();
		Process process = builder.start();
		try {
			assertThat(process.waitFor(this.patience.toSeconds(), TimeUnit.SECONDS)).as("%s has ended", command)
				.isTrue();
		}
		finally {
			process.descendants().forEach(ProcessHandle::destroyForcibly);
			process.destroyForcibly();
		}
		Figures.print("%s: exit code %d after %d s", command, process.exitValue(),
				Duration.ofNanos(System.nanoTime() - start).toSeconds());
		assertThat(process.exitValue()).as("%s:%n%s", command, Files.readString(this.log)).isZero();
	}

	private static String repositories() {
		String repository = System.getProperty("localRepository", System.getProperty("user.home") + "/.m2/repository");
		String tail = System.getProperty("maven.repo.local.tail");
		return (tail != null) ? repository + "," + tail : repository;
	}

}
