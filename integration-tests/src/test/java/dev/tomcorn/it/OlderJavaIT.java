package dev.tomcorn.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The messages for a user who starts the demo with a Java that is too old. Needs one on
 * this machine, from 17 on: on the path or below {@code /usr/lib/jvm}.
 */
class OlderJavaIT {

	private static final int OLDEST = 17;

	private static final int REQUIRED = 25;

	@TempDir
	Path directory;

	private Path home = Path.of("");

	@BeforeEach
	void findOlderJava() throws IOException {
		List<Path> homes = olderJavas();
		assertThat(homes.isEmpty() && Boolean.getBoolean("older-java.required"))
			.as("No Java from 17 to 24 where one is required")
			.isFalse();
		assumeTrue(!homes.isEmpty(), "No Java from 17 to 24 is on the path or below /usr/lib/jvm");
		this.home = homes.getFirst();
	}

	@Test
	void applicationEndsWithOneLine() {
		assertOneLine(older("-jar", Launch.JAR.toString()).run());
	}

	@Test
	void extractedApplicationEndsWithOneLine() {
		Path extracted = ExtractedJar.of(Launch.JAR).jar();
		String jar = extracted.toString();
		String classPath = jar + ":" + extracted.resolveSibling("lib") + "/*";
		assertOneLine(older("-jar", jar).run());
		assertOneLine(older("-cp", classPath, "dev.tomcorn.demo.DemoApplication").run());
		assertOneLine(older("-cp", classPath, "dev.tomcorn.entry.TomcornCommand").run("status"));
	}

	@Test
	void commandEndsWithOneLine() {
		assertOneLine(older("-Djarmode=tomcorn", "-jar", Launch.JAR.toString()).run("status"));
	}

	private void assertOneLine(Shell.Result result) {
		result.assertExit(1);
		assertThat(result.out()).isEmpty();
		assertThat(result.err()).matches(
				"Tomcorn needs Java 25 or newer, and this is Java [0-9.]+ \\(.+\\)\\. Use a JDK 25 or newer\\.\\R");
	}

	private Shell older(String... arguments) {
		List<String> command = new ArrayList<>(List.of(this.home.resolve("bin/java").toString()));
		command.addAll(List.of(arguments));
		return Shell.jar(Launch.JAR, this.directory, this.directory)
			.application(command.toArray(String[]::new))
			.options(new String[0]);
	}

	private static List<Path> olderJavas() throws IOException {
		List<Path> candidates = new ArrayList<>();
		for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
			Path java = Path.of(directory, "java");
			if (Files.isExecutable(java)) {
				candidates.add(java.toRealPath().getParent().getParent());
			}
		}
		Path installed = Path.of("/usr/lib/jvm");
		if (Files.isDirectory(installed)) {
			try (Stream<Path> homes = Files.list(installed)) {
				homes.sorted().forEach(candidates::add);
			}
		}
		return candidates.stream().filter(OlderJavaIT::isOlder).toList();
	}

	private static boolean isOlder(Path home) {
		Path release = home.resolve("release");
		if (!Files.isExecutable(home.resolve("bin/java")) || !Files.isReadable(release)) {
			return false;
		}
		Properties properties = new Properties();
		try (BufferedReader reader = Files.newBufferedReader(release)) {
			properties.load(reader);
		}
		catch (IOException ex) {
			return false;
		}
		String version = properties.getProperty("JAVA_VERSION", "").replace("\"", "");
		if (version.isEmpty()) {
			return false;
		}
		int feature = Runtime.Version.parse(version).feature();
		return feature >= OLDEST && feature < REQUIRED;
	}

}
