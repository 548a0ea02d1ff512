package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.awaitility.Awaitility.await;

/**
 * An idle worker returns the memory of a load.
 */
class IdleMemoryIT {

	/**
	 * Megabytes. Much more than the young generation has, so most of it gets into the old
	 * one.
	 */
	private static final int LOAD = 100;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@Test
	void idleWorkerReturnsWhatALoadHasTaken() {
		DemoProcess app = this.apps.start(Launch.faults(1, "gevent")
			.jvmOptions("-XX:+UseSerialGC", "-XX:-ShrinkHeapInSteps", "-XX:InitialHeapSize=48m")
			.arguments("--tomcorn.arbiter.enabled=true"));
		long worker = app.awaitWhole(1).worker(0).pid();
		app.load().simultaneous(1, "/memory/load?mb=" + LOAD).assertAllOk(1);
		// By requests, the worker would not be idle
		await().atMost(DemoProcess.PATIENCE)
			.until(() -> resident(worker, "VmHWM") - resident(worker, "VmRSS") > LOAD / 2);
		Figures.print("Resident memory of a worker: %d MB at most, %d MB when idle", resident(worker, "VmHWM"),
				resident(worker, "VmRSS"));
	}

	/**
	 * Return the resident memory of a process in megabytes: now, or the most it has had.
	 */
	private static long resident(long pid, String name) {
		try {
			return Files.readAllLines(Path.of("/proc/" + pid + "/status"))
				.stream()
				.filter((line) -> line.startsWith(name + ":"))
				.mapToLong((line) -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
				.findFirst()
				.orElseThrow();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
