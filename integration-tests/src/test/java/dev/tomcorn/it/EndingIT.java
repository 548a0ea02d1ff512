package dev.tomcorn.it;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

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
	void requestThatOutlastsTheDrainDoesNotKeepTheApplicationFromClosing() {
		endsOrderlyWithALongRequestInFlight("TERM");
	}

	@Test
	void intClosesTheApplicationWithoutWaitingForRequests() {
		endsOrderlyWithALongRequestInFlight("INT");
	}

	private void endsOrderlyWithALongRequestInFlight(String signal) {
		DemoProcess app = this.apps.start(Launch.workers(2, "sync").arguments("--tomcorn.graceful-timeout=2"));
		app.awaitWhole(2);
		CompletableFuture<Exchange> request = app.load().send("/io?ms=60000");
		app.awaitFleet((fleet) -> fleet.workers().stream().mapToInt(Fleet.Worker::activeRequests).sum() == 2);
		long start = System.nanoTime();
		app.signal(signal);
		assertThat(app.awaitExit()).isZero();
		Figures.print(
				"%s with a request of 60 s in flight and graceful-timeout 2 s: exit code 0 after %.1f s, request %s",
				signal, (System.nanoTime() - start) / 1e9, request.join().outcome());
		assertThat(app.output()).doesNotContain("is being killed").contains("HikariPool-1 - Shutdown completed");
		assertThat(app.tree()).isEmpty();
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
