package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Workers die in many ways: the cause is named, the known facts are kept, and another
 * worker takes the place.
 */
class DeathsIT {

	/**
	 * A JVM that records uses no AOT cache, and five of them boot here.
	 * {@code IncidentReportTests} writes a recording in any build.
	 */
	private static final boolean RECORDING = Boolean.getBoolean("chaos.full");

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@TempDir
	private Path incidents;

	@Test
	void everyDeathIsNamedAndAnotherTakesThePlace() {
		DemoProcess app = this.apps.start(Launch.faults(1, "gevent")
			.jvmOptions("-Xmx96m", "-XX:-CreateCoredumpOnCrash")
			.directory(this.incidents)
			// A worker whose heap is nearly full may be silent for long on a busy machine
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.timeout=10m", "--tomcorn.graceful-timeout=1",
					"--spring.lifecycle.timeout-per-shutdown-phase=1s",
					"--tomcorn.incidents.directory=" + this.incidents,
					"--tomcorn.incidents.flight-recording=" + RECORDING, "--tomcorn.incidents.heap-dump=true"));
		app.awaitWhole(1);
		app.load().send("/memory/exhaust").join();
		app.awaitLine("ended unexpectedly: out of memory: Java heap space \\(exit code 3\\); "
				+ "1 request was in flight: GET /memory/exhaust for ");
		app.awaitWhole(1);
		app.load().send("/crash").join();
		app.awaitLine("ended unexpectedly: crash: SIGSEGV .* in DeathController\\.crash .*hs_err_pid\\d+\\.log; "
				+ "1 request was in flight: GET /crash for ");
		Fleet fleet = app.awaitFleet((current) -> current.whole(1) && current.deaths().size() == 2
				&& current.deaths().stream().allMatch((death) -> death.incident() != null));
		assertThat(fleet.deaths()).extracting(Fleet.Death::cause)
			.as("latest first")
			.containsExactly("CRASH", "OUT_OF_HEAP");
		assertThat(folders()).hasSize(2);
		assertThat(files(folders().getLast())).anyMatch((name) -> name.startsWith("hs_err_pid"));
		fleet.deaths()
			.forEach((death) -> Figures.print("death: %s, %s, kept in %s", death.cause(), death.description(),
					Path.of(String.valueOf(death.incident())).getFileName()));
		callerOfExitIsNamed(app);
		deadlockedWorkerIsReplacedAndItsStuckDrainWrittenDown(app);
	}

	private static void callerOfExitIsNamed(DemoProcess app) {
		app.awaitWhole(1);
		app.load().send("/exit").join();
		app.awaitLine("Worker 0 .* stopped: exit code 7 by DeathController\\.java:\\d+; "
				+ "1 request was in flight: GET /exit for ");
		Fleet fleet = app.awaitFleet((current) -> current.whole(1) && current.deaths().size() == 3);
		assertThat(fleet.deaths().getFirst().description()).startsWith("exit code 7 by DeathController.java:");
	}

	/**
	 * With its request, which has ended, and its threads.
	 */
	private void deadlockedWorkerIsReplacedAndItsStuckDrainWrittenDown(DemoProcess app) {
		List<Path> before = folders();
		long pid = app.awaitWhole(1).worker(0).pid();
		app.load().send("/never-ends-at-shutdown").join();
		app.load().send("/deadlock").join();
		app.awaitLine("Worker 0 \\(pid %d\\) wants to be replaced: deadlock of 2 threads: ".formatted(pid));
		app.awaitLine("\\(pid %d\\) is being killed: still running after its time to drain \\(12 s\\)".formatted(pid));
		app.awaitLine("Worker 0 \\(pid %d\\) stopped".formatted(pid));
		assertThat(app.awaitWhole(1).worker(0).pid()).isNotEqualTo(pid);
		Path folder = folders().stream().filter((path) -> !before.contains(path)).findFirst().orElseThrow();
		assertThat(files(folder)).contains("incident.txt", "threads.txt", "memory.txt", "requests.txt", "heap.hprof");
		assertThat(files(folder).contains("recording.jfr")).isEqualTo(RECORDING);
		assertThat(read(folder.resolve("threads.txt"))).contains("NeverEnding").contains("DEADLOCK");
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
