package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What an operator's signals do.
 */
class SignalsIT {

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@Test
	void termFinishesWhatIsUnderWayAndLeavesNothing(@TempDir Path runDirectory) throws IOException {
		DemoProcess app = this.apps.start(Launch.faults(2, "gevent")
			.arguments(HeldRequest.PATIENCE, "--tomcorn.graceful-timeout=10m",
					"--tomcorn.run-directory=" + runDirectory));
		Set<Long> workers = app.awaitWhole(2).pids();
		HeldRequest last = HeldRequest.send(app.port());
		app.awaitFleet((current) -> current.workers().stream().mapToInt(Fleet.Worker::activeRequests).sum() == 2);
		long stoppedAt;
		Exchange exchange;
		Tally tally;
		try (LoadGenerator.Load load = app.load().start(12, 4, "/io?ms=100")) {
			await("load on all workers").atMost(DemoProcess.PATIENCE)
				.until(() -> load.soFar().byPid().size() == 2 && load.soFar().size() > 100);
			stoppedAt = System.nanoTime();
			app.signal("TERM");
			long first = assertThatAWorkerEndsBeforeTheArbiterAndLeavesNoZombie(app, workers);
			exchange = last.release().answer();
			assertThat(app.awaitExit()).as("exit code").isZero();
			assertThat(exchange.ok()).isTrue();
			assertThat(exchange.served().pid()).isNotEqualTo(first);
			tally = load.stop();
		}
		assertThat(workers).allMatch(Processes::gone);
		assertThat(app.tree()).isEmpty();
		assertThat(runDirectory).isEmptyDirectory();
		assertThatNobodyButLateClientsWasTurnedAway(tally, stoppedAt);
	}

	private static long assertThatAWorkerEndsBeforeTheArbiterAndLeavesNoZombie(DemoProcess app, Set<Long> workers) {
		app.awaitLine("Stopping: draining 2 worker\\(s\\), at most 600 s");
		long first = Long.parseLong(app.awaitLine("Worker \\d \\(pid (\\d+)\\) stopped").group(1));
		assertThat(workers).contains(first);
		assertThat(app.isAlive()).as("arbiter still waits for the other worker").isTrue();
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();
		assertThat(Processes.gone(first)).isTrue();
		assertThat(app.tree()).hasSize(2);
		return first;
	}

	private static void assertThatNobodyButLateClientsWasTurnedAway(Tally tally, long stoppedAt) {
		tally.print("TERM with 2 gevent workers, 12 kept and 4 new connections at a time");
		Tally ofKept = tally.only((exchange) -> exchange.before() != null);
		Tally ofNew = tally.only((exchange) -> exchange.before() == null);
		Figures.print("  on kept connections: %s", ofKept);
		Figures.print("  on new connections, begun before TERM: %s",
				ofNew.only((exchange) -> exchange.begun() < stoppedAt));
		Figures.print("  on new connections, begun after TERM: %s",
				ofNew.only((exchange) -> exchange.begun() >= stoppedAt));
		ofKept.assertAllOk(ofKept.size());
		assertThat(ofNew.failures().exchanges())
			.allMatch((exchange) -> exchange.ended() > stoppedAt && exchange.outcome() == Outcome.REFUSED);
	}

	@Test
	void ttinAndTtouScaleByOneAndTheSecondIntKillsAtOnce() {
		DemoProcess app = this.apps.start(Launch.workers(1, "gevent").arguments("--tomcorn.arbiter.enabled=true"));
		long first = app.awaitWhole(1).worker(0).pid();

		app.signal("TTIN");
		app.awaitLine("Scaling from 1 to 2 workers");
		Fleet two = app.awaitWhole(2);
		assertThat(two.worker(0).pid()).isEqualTo(first);
		assertThat(two.arbiter()).isNotNull().extracting(Fleet.Arbiter::targetWorkers).isEqualTo(2);
		long second = two.worker(1).pid();

		// A terminal sends these to the workers, too
		Processes.signal("HUP", first);
		Processes.signal("INT", second);
		await("answers of both").atMost(DemoProcess.PATIENCE)
			.until(() -> app.load().simultaneous(20, "/io?ms=100").byPid().keySet().equals(two.pids()));
		assertThat(app.awaitWhole(2)).returns(1, (fleet) -> fleet.worker(0).generation())
			.returns(two.pids(), Fleet::pids);

		Tally tally;
		try (LoadGenerator.Load load = app.load().start(8, 2, "/io?ms=100")) {
			await("load on both workers").atMost(DemoProcess.PATIENCE)
				.until(() -> load.soFar().byPid().size() == 2 && load.soFar().size() > 50);
			app.signal("TTOU");
			app.awaitLine("Scaling from 2 to 1 workers");
			app.awaitLine("Worker 1 \\(pid %d\\) stopped".formatted(second));
			int seen = load.soFar().size();
			await("more load").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().size() > seen + 50);
			tally = load.stop();
		}
		tally.print("TTOU from 2 to 1 workers, 8 kept and 2 new connections at a time");
		tally.assertAllOk(tally.size());
		assertThat(app.awaitWhole(1).worker(0).pid()).isEqualTo(first);
		assertThat(Processes.gone(second)).isTrue();
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();

		app.signal("TTOU");
		app.awaitLine("WARN .* Not scaling to 0 workers");
		assertThat(app.awaitWhole(1).worker(0).pid()).isEqualTo(first);

		assertThatTheSecondIntKillsAtOnce(app, first);
	}

	private static void assertThatTheSecondIntKillsAtOnce(DemoProcess app, long worker) {
		Processes.freeze(worker);
		app.signal("INT");
		app.awaitLine("Stopping without waiting for requests");
		app.signal("INT");
		assertThat(app.awaitExit()).isZero();
		assertThat(app.lines("Stopping at once")).hasSize(1);
		assertThat(app.lines("still running after its time to drain")).as("killed because time was up").isEmpty();
		assertThat(app.tree()).isEmpty();
		assertThat(Processes.gone(worker)).isTrue();
	}

}
