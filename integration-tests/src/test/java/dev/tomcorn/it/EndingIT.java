package dev.tomcorn.it;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Ends that come at a bad moment. Two more are in other tests: {@link CommandIT} ends
 * without waiting for a request, and {@link CommandStage} ends an application right after
 * it listens.
 */
class EndingIT {

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@Test
	void requestThatOutlastsTheDrainDoesNotKeepTheApplicationFromClosing(@TempDir Path runDirectory,
			@TempDir Path files) {
		DemoProcess app = this.apps.start(Launch.workers(1, "sync")
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.graceful-timeout=2s",
					"--tomcorn.run-directory=" + runDirectory));
		CompletableFuture<Exchange> request = longRequest(app, runDirectory);
		assertThat(Shell.quick(Launch.JAR, runDirectory, files).run("stop").assertExit(0).out())
			.contains("Stopping: draining 1 worker(s)", "has ended after");
		assertThat(app.awaitExit()).isZero();
		assertThat(request.join().outcome()).isIn(Outcome.RESET, Outcome.CLOSED_UNANSWERED);
		assertThat(app.lines("Stopping: draining 1 worker(s), at most 2 s")).hasSize(1);
		assertThat(app.output()).doesNotContain("is being killed").contains("HikariPool-1 - Shutdown completed");
		assertThat(app.tree()).isEmpty();
	}

	/**
	 * Send the longest request that the application allows to the only worker, and return
	 * when it runs. A client that waits for its end gets an answer.
	 */
	static CompletableFuture<Exchange> longRequest(DemoProcess app, Path runDirectory) {
		long worker = app.awaitWhole(1).worker(0).pid();
		WorkerSlot slot = FleetBoard.in(runDirectory).slotOf(worker);
		await("the end of the question").atMost(DemoProcess.PATIENCE).until(() -> slot.activeRequests() == 0);
		CompletableFuture<Exchange> request = app.load().send("/io?ms=60000");
		await("the request").atMost(DemoProcess.PATIENCE).until(() -> {
			assertThat(request.isDone()).as(() -> "ended: " + request.join()).isFalse();
			return slot.activeRequests() == 1;
		});
		return request;
	}

	@Test
	void arbiterKilledWhileItsFirstWorkerBootsLeavesNothing(@TempDir Path runDirectory) {
		DemoProcess app = this.apps
			.start(Launch.faults(2, "sync").arguments("--tomcorn.run-directory=" + runDirectory));
		app.arbiterPid();
		await().atMost(DemoProcess.PATIENCE).until(() -> app.tree().size() >= 2);
		app.signal("KILL");
		await().atMost(DemoProcess.PATIENCE).until(() -> app.tree().isEmpty());
		assertThat(app.output().split("listening on", -1)).as("arbiters").hasSize(2);
	}

	@Test
	void closedStandardInputIsRefused() {
		DemoProcess app = this.apps
			.start(Launch.workers(2, "sync").launcher("sh", "-c", "exec \"$0\" \"$@\" <&-", Launch.JAVA));
		assertThat(app.awaitExit()).isEqualTo(1);
		assertThat(app.output()).containsOnlyOnce("APPLICATION FAILED TO START").contains("Standard input is closed");
	}

}
