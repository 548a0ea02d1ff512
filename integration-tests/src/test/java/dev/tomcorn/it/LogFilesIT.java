package dev.tomcorn.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The logs of a fleet: each line names its process, and no process writes another's
 * files.
 */
class LogFilesIT {

	private static final Pattern LINE = Pattern
		.compile("\\[shop] \\[eu worker-(\\d)] .*: (line \\d+-\\d+) of worker (\\d)$");

	private static final int ARCHIVES = 3;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@Test
	void noLineIsLostWhenEachProcessHasItsFilesAndEveryLineTellsItsProcess(@TempDir Path directory) throws IOException {
		Files.createDirectory(directory.resolve("old"));
		// Files that roll every second, at every process's own time
		DemoProcess app = this.apps.start(Launch.faults(1, "gevent")
			.jvmOptions("-Xlog:gc*,safepoint*:file=" + directory.resolve("gc.log") + ":uptime:filecount=0")
			.arguments("--tomcorn.arbiter.enabled=true", "--logging.file.name=" + directory.resolve("app.log"),
					"--logging.logback.rollingpolicy.file-name-pattern="
							+ directory.resolve("old/app.%d{yyyy-MM-dd_HH-mm-ss}.%i.log.gz"),
					"--logging.logback.rollingpolicy.max-history=1000", "--server.tomcat.accesslog.enabled=true",
					"--server.tomcat.accesslog.directory=" + directory, "--spring.application.name=shop",
					"--spring.application.group=eu", Operator.ACCESS));
		app.awaitWarm(1);
		Tally tally;
		try (LoadGenerator.Load load = app.load().start(2, 2, "/log?ms=300")) {
			// For a while two workers have the same index, and then there are two indexes
			assertThat(Operator.reload(app).join().status()).as("reload").isEqualTo(200);
			app.signal("TTIN");
			await("lines of every worker, and rolled files").atMost(DemoProcess.PATIENCE)
				.until(() -> load.soFar().byPid().size() == 3 && archives(directory) > ARCHIVES);
			tally = load.stop();
		}
		tally.assertAllOk(tally.size());
		app.signal("TERM");
		assertThat(app.awaitExit()).isZero();

		List<String> names = files(directory).stream().map((file) -> directory.relativize(file).toString()).toList();
		Set<String> written = new TreeSet<>();
		long lines = 0;
		for (Path file : files(directory)) {
			if (file.getFileName().toString().startsWith("app")) {
				Set<String> workers = new TreeSet<>();
				for (String line : lines(file)) {
					var matcher = LINE.matcher(line);
					if (matcher.find()) {
						lines++;
						written.add(matcher.group(2));
						assertThat(matcher.group(1)).as(line).isEqualTo(matcher.group(3));
						workers.add(matcher.group(1));
					}
				}
				assertThat(workers).as("workers that wrote %s", file).hasSizeLessThanOrEqualTo(1);
			}
		}
		long archives = archives(directory);
		long accesses = 0;
		for (Path file : files(directory)) {
			accesses += file.getFileName().toString().startsWith("access_log")
					? lines(file).stream().filter((line) -> line.contains("\"GET /log?ms=")).count() : 0;
		}
		Figures.print("log files: %d requests, %d lines, %d access lines, %d rolled archives, files %s", tally.size(),
				lines, accesses, archives, names.stream().filter((name) -> !name.endsWith(".gz")).toList());
		assertThat(lines).as("lines").isEqualTo(tally.size());
		assertThat(written).as("different lines").hasSize(tally.size());
		assertThat(accesses).as("lines of access logs").isEqualTo(tally.size());
		assertThat(archives).as("rolled files").isGreaterThan(ARCHIVES);
		assertThat(names).contains("app.log", "app-0.log", "app-0b.log", "gc.log", "gc-0.log", "gc-0b.log", "app-1.log",
				"gc-1.log");
		assertThat(lines(directory.resolve("app.log"))).as("the arbiter's own file")
			.anyMatch((line) -> line.contains("[eu arbiter] "))
			.noneMatch((line) -> line.contains("[eu worker-"));
		List<String> logged = app.output().lines().filter((line) -> line.contains(" --- [")).toList();
		assertThat(logged).hasSizeGreaterThan(10)
			.allMatch((line) -> line.matches(".* --- \\[shop] \\[eu (arbiter|worker-[01])] \\[.*"));
		assertThat(app.lines("Fleet diary: ReloadStarted[generation=2]")).as("what a listener is told").hasSize(1);
		assertThat(app.lines("Fleet diary: ReloadEnded[generation=2, success=true")).hasSize(1);
	}

	private static long archives(Path directory) throws IOException {
		try (Stream<Path> files = Files.list(directory.resolve("old"))) {
			return files.filter((file) -> file.toString().endsWith(".gz")).count();
		}
	}

	private static List<Path> files(Path directory) throws IOException {
		try (Stream<Path> files = Files.walk(directory)) {
			return files.filter(Files::isRegularFile).sorted().toList();
		}
	}

	private static List<String> lines(Path file) throws IOException {
		if (!file.toString().endsWith(".gz")) {
			return Files.readAllLines(file);
		}
		try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
			return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
		}
	}

}
