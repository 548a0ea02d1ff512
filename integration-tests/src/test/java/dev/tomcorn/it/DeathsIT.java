package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Workers die in many ways: the cause is named, what was known is kept, and another takes
 * the place.
 */
class DeathsIT {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@TempDir
	private Path incidents;

	private DemoProcess start(String... arguments) {
		return this.apps.start(Launch.faults(1, "gevent")
			.jvmOptions("-Xmx96m", "-XX:-CreateCoredumpOnCrash")
			.directory(this.incidents)
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.incidents.directory=" + this.incidents)
			.arguments(arguments));
	}

	@Test
	void everyDeathIsNamedAndAnotherTakesThePlace() {
		// Longer than a busy machine keeps a worker from its heartbeat, also one whose
		// heap
		// is nearly full
		DemoProcess app = start("--tomcorn.timeout=" + TIMEOUT.toSeconds() + "s");
		app.awaitWhole(1);
		app.load().send("/exit?code=7").join();
		app.awaitLine("ended unexpectedly: exit code 7");
		app.awaitWhole(1);
		app.load().send("/memory/exhaust").join();
		app.awaitLine("ended unexpectedly: out of heap memory or metaspace \\(exit code 3\\)");
		app.awaitWhole(1);
		app.load().send("/crash").join();
		app.awaitLine("ended unexpectedly: crash: SIGSEGV .*hs_err_pid\\d+\\.log");
		app.awaitWhole(1);
		Fleet fleet = app.awaitFleet((current) -> current.deaths().size() == 3
				&& current.deaths().stream().allMatch((death) -> death.incident() != null));
		assertThat(fleet.deaths()).extracting(Fleet.Death::cause)
			.as("latest first")
			.containsExactly("CRASH", "OUT_OF_HEAP", "EXIT");
		assertThat(folders()).hasSize(3);
		assertThat(files(folders().getLast())).anyMatch((name) -> name.startsWith("hs_err_pid"));
		fleet.deaths()
			.forEach((death) -> Figures.print("death: %s, %s, kept in %s", death.cause(), death.description(),
					Path.of(String.valueOf(death.incident())).getFileName()));
		deadlockedWorkerIsReplaced(app);
		frozenWorkerIsSeenFromOutside(app);
	}

	private void deadlockedWorkerIsReplaced(DemoProcess app) {
		long pid = app.awaitWhole(1).worker(0).pid();
		app.load().send("/deadlock").join();
		app.awaitLine("Worker 0 \\(pid %d\\) wants to be replaced: deadlock of 2 threads: ".formatted(pid));
		app.awaitLine("Worker 0 \\(pid %d\\) stopped".formatted(pid));
		assertThat(app.awaitWhole(1).worker(0).pid()).isNotEqualTo(pid);
	}

	private void frozenWorkerIsSeenFromOutside(DemoProcess app) {
		List<Path> before = folders();
		long pid = app.awaitWhole(1).worker(0).pid();
		Processes.freeze(pid);
		app.awaitLine("\\(pid %d\\) is being killed: no heartbeat within timeout \\(%d s\\)".formatted(pid,
				TIMEOUT.toSeconds()));
		app.awaitLine("was killed: no heartbeat within timeout");
		Path folder = folders().stream().filter((path) -> !before.contains(path)).findFirst().orElseThrow();
		assertThat(read(folder.resolve("outside.txt"))).contains("stopped");
		assertThat(read(folder.resolve("incident.txt"))).contains("no heartbeat within timeout", "state READY");
		app.awaitWhole(1);
	}

	@Test
	void stuckDrainIsWrittenDownWithItsRequestAndItsThreads() {
		DemoProcess app = start("--tomcorn.graceful-timeout=1", "--tomcorn.incidents.flight-recording=true",
				"--tomcorn.incidents.heap-dump=true");
		long pid = app.awaitWhole(1).worker(0).pid();
		app.load().send("/whoami").join();
		app.load().send("/never-ends-at-shutdown").join();
		app.signal("HUP");
		app.awaitLine("is being killed: still running after its time to drain \\(11 s\\)");
		app.awaitLine("\\(pid %d\\) stopped".formatted(pid));
		Path folder = folders().getFirst();
		assertThat(files(folder)).contains("incident.txt", "threads.txt", "memory.txt", "requests.txt", "recording.jfr",
				"heap.hprof");
		assertThat(read(folder.resolve("threads.txt"))).contains("NeverEnding");
		Figures.print("stuck drain: %s has %s", folder.getFileName(), files(folder));
	}

	private List<Path> folders() {
		try (Stream<Path> folders = Files.list(this.incidents)) {
			return folders.filter(Files::isDirectory).sorted().toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static List<String> files(Path folder) {
		try (Stream<Path> files = Files.list(folder)) {
			return files.map((file) -> file.getFileName().toString()).sorted().toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
