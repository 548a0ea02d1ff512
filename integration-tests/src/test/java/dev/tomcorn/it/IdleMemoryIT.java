package dev.tomcorn.it;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import dev.tomcorn.core.scoreboard.WorkerSlot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An idle worker returns the memory of a load.
 */
class IdleMemoryIT {

	private static final long MEGABYTE = 1L << 20;

	/**
	 * Much more than the young generation has, so most of it gets into the old one.
	 */
	private static final int KEPT = 100;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@TempDir
	private Path directory;

	@Test
	void idleWorkerReturnsWhatALoadHasLeft() {
		DemoProcess app = this.apps.start(Launch.faults(1, "gevent")
			.jvmOptions("-XX:+UseSerialGC", "-XX:InitialRAMPercentage=0.2")
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.run-directory=" + this.directory));
		long pid = app.awaitWhole(1).worker(0).pid();
		WorkerSlot worker = FleetBoard.in(this.directory).slotOf(pid);
		app.load().simultaneous(1, "/memory/leak?mb=" + KEPT).assertAllOk(1);
		await().until(() -> worker.heapUsed() > KEPT * MEGABYTE);
		long loaded = worker.heapUsed();
		app.load().simultaneous(1, "/memory/release").assertAllOk(1);
		// By requests, the worker would not be idle
		await().atMost(DemoProcess.PATIENCE).until(() -> worker.heapUsed() < loaded - KEPT / 2 * MEGABYTE);
		Figures.print("Heap of a worker: %d MB under load, %d MB when idle", loaded / MEGABYTE,
				worker.heapUsed() / MEGABYTE);
		assertThat(app.lines("ended unexpectedly")).isEmpty();
	}

}
