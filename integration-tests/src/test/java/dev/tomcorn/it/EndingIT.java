package dev.tomcorn.it;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Ends that come at a bad moment.
 */
class EndingIT {

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@Test
	void requestThatOutlastsTheDrainDoesNotKeepTheApplicationFromClosing(@TempDir Path runDirectory) {
		DemoProcess app = endsOrderlyWithALongRequestInFlight("TERM", "2s", runDirectory);
		assertThat(app.lines("Stopping: draining 1 worker(s), at most 2 s")).hasSize(1);
	}

	/**
	 * If it waited, it would not have ended when the test gives up.
	 */
	@Test
	void intClosesTheApplicationWithoutWaitingForRequests(@TempDir Path runDirectory) {
		DemoProcess app = endsOrderlyWithALongRequestInFlight("INT", "10m", runDirectory);
		assertThat(app.lines("Stopping without waiting for requests")).hasSize(1);
	}

	private DemoProcess endsOrderlyWithALongRequestInFlight(String signal, String gracefulTimeout, Path runDirectory) {
		DemoProcess app = this.apps.start(Launch.workers(1, "sync")
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.graceful-timeout=" + gracefulTimeout,
					"--tomcorn.run-directory=" + runDirectory));
		long worker = app.awaitWhole(1).worker(0).pid();
		WorkerSlot slot = FleetBoard.in(runDirectory).slotOf(worker);
		await("the end of the question").atMost(DemoProcess.PATIENCE).until(() -> slot.activeRequests() == 0);
		CompletableFuture<Exchange> request = app.load().send("/io?ms=600000");
		await("the request").atMost(DemoProcess.PATIENCE).until(() -> slot.activeRequests() == 1);
		app.signal(signal);
		assertThat(app.awaitExit()).isZero();
		Figures.print("%s with a request in flight that ends much later, graceful-timeout %s: exit code 0, request %s",
				signal, gracefulTimeout, request.join().outcome());
		assertThat(request.join().ok()).isFalse();
		assertThat(app.output()).doesNotContain("is being killed").contains("HikariPool-1 - Shutdown completed");
		assertThat(app.tree()).isEmpty();
		return app;
	}

	@Test
	void termRightAfterTheArbiterListensIsHeeded(@TempDir Path runDirectory) {
		DemoProcess app = this.apps
			.start(Launch.workers(2, "sync").arguments("--tomcorn.run-directory=" + runDirectory));
		app.arbiterPid();
		app.signal("TERM");
		assertThat(app.awaitExit()).isZero();
		assertThat(app.tree()).isEmpty();
		assertThat(runDirectory).isEmptyDirectory();
	}

	@Test
	void arbiterKilledWhileItsFirstWorkerBootsLeavesNothing(@TempDir Path runDirectory) {
		DemoProcess app = this.apps
			.start(Launch.workers(2, "sync").arguments("--tomcorn.run-directory=" + runDirectory));
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
