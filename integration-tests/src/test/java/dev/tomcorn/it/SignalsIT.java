package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

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
	void termFinishesWhatIsUnderWayAndLeavesNothing(@TempDir Path runDirectory) {
		DemoProcess app = this.apps
			.start(Launch.workers(2, "gevent").arguments("--tomcorn.run-directory=" + runDirectory));
		app.awaitWhole(2);
		long stoppedAt;
		Tally tally;
		try (LoadGenerator.Load load = app.load().start(24, 8, "/io?ms=100")) {
			await("load on all workers").atMost(DemoProcess.PATIENCE)
				.until(() -> load.soFar().byPid().size() == 2 && load.soFar().size() > 300);
			stoppedAt = System.nanoTime();
			app.signal("TERM");
			assertThat(app.awaitExit()).as("exit code").isZero();
			tally = load.stop();
		}
		tally.print("TERM with 2 gevent workers, 24 kept and 8 new connections at a time");
		Tally ofKept = tally.only((exchange) -> exchange.before() != null);
		Tally ofNew = tally.only((exchange) -> exchange.before() == null);
		Tally late = ofNew.only((exchange) -> exchange.begun() >= stoppedAt);
		Figures.print("  on kept connections: %s", ofKept);
		Figures.print("  on new connections, begun before TERM: %s",
				ofNew.only((exchange) -> exchange.begun() < stoppedAt));
		Figures.print("  on new connections, begun after TERM: %s", late);
		ofKept.assertAllOk(ofKept.size());
		assertThat(tally.count(Outcome.TIMED_OUT) + tally.count(Outcome.WRONG_ANSWER)).isZero();
		assertThat(ofNew.failures().exchanges())
			.allMatch((exchange) -> exchange.ended() > stoppedAt && exchange.outcome() == Outcome.REFUSED);
		assertThat(app.tree()).isEmpty();
		assertThat(runDirectory).isEmptyDirectory();
	}

	@Test
	void workersThatEndBeforeTheArbiterLeaveNoZombie() throws IOException {
		DemoProcess app = this.apps.start(Launch.faults(2, "gevent").arguments(HeldRequest.PATIENCE));
		Set<Long> workers = app.awaitWhole(2).pids();
		HeldRequest last = HeldRequest.send(app.port());
		app.awaitFleet((current) -> current.workers().stream().mapToInt(Fleet.Worker::activeRequests).sum() == 2);
		app.signal("TERM");
		app.awaitLine("Stopping: draining 2 worker\\(s\\), at most 30 s");
		long first = Long.parseLong(app.awaitLine("Worker \\d \\(pid (\\d+)\\) stopped").group(1));
		assertThat(workers).contains(first);
		assertThat(app.isAlive()).as("arbiter still waits for the other worker").isTrue();
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();
		assertThat(Processes.gone(first)).isTrue();
		assertThat(app.tree()).hasSize(2);

		Exchange exchange = last.release().answer();
		assertThat(app.awaitExit()).isZero();
		Figures.print("TERM with a request under way: it ended %s after %.1f s, exit code 0", exchange.outcome(),
				exchange.took().toMillis() / 1000.0);
		assertThat(exchange.ok()).isTrue();
		assertThat(exchange.served().pid()).isNotEqualTo(first);
		assertThat(workers).allMatch(Processes::gone);
		assertThat(app.tree()).isEmpty();
	}

	@Test
	void intDoesNotWaitForRequests() {
		DemoProcess app = this.apps.start(Launch.workers(1, "gevent").arguments("--tomcorn.arbiter.enabled=true"));
		app.awaitWhole(1);
		CompletableFuture<Exchange> request = app.load().send("/io?ms=50000");
		app.awaitFleet((fleet) -> fleet.worker(0).activeRequests() == 2);
		long begun = System.nanoTime();
		app.signal("INT");
		int exitCode = app.awaitExit();
		Duration took = Duration.ofNanos(System.nanoTime() - begun);
		Figures.print("INT with a request of 50 s under way: exit code %d after %.1f s, the request ended %s", exitCode,
				took.toMillis() / 1000.0, request.join().outcome());
		assertThat(exitCode).isZero();
		assertThat(took).as("well within the graceful timeout of 30 s").isLessThan(Duration.ofSeconds(20));
		assertThat(request.join().ok()).isFalse();
		assertThat(app.lines("Stopping without waiting for requests")).hasSize(1);
		assertThat(app.lines("is being killed")).as("not even the time to close the application").isEmpty();
		assertThat(app.tree()).isEmpty();
	}

	@Test
	void secondIntKillsAtOnce() {
		DemoProcess app = this.apps.start(Launch.workers(2, "gevent"));
		Fleet fleet = app.awaitWhole(2);
		long frozen = fleet.worker(1).pid();
		Processes.freeze(frozen);
		app.signal("INT");
		app.awaitLine("Stopping without waiting for requests");
		long begun = System.nanoTime();
		app.signal("INT");
		int exitCode = app.awaitExit();
		Figures.print("second INT with a frozen worker: exit code %d after %d ms", exitCode,
				Duration.ofNanos(System.nanoTime() - begun).toMillis());
		assertThat(app.lines("Stopping at once")).hasSize(1);
		assertThat(app.lines("still running after its time to drain")).as("killed because time was up").isEmpty();
		assertThat(exitCode).isZero();
		assertThat(app.tree()).isEmpty();
		assertThat(Processes.gone(frozen)).isTrue();
	}

	@Test
	void ttinAndTtouScaleByOne() {
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
		try (LoadGenerator.Load load = app.load().start(12, 4, "/io?ms=100")) {
			await("load on both workers").atMost(DemoProcess.PATIENCE)
				.until(() -> load.soFar().byPid().size() == 2 && load.soFar().size() > 100);
			app.signal("TTOU");
			app.awaitLine("Scaling from 2 to 1 workers");
			app.awaitLine("Worker 1 \\(pid %d\\) stopped".formatted(second));
			int seen = load.soFar().size();
			await("more load").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().size() > seen + 50);
			tally = load.stop();
		}
		tally.print("TTOU from 2 to 1 workers, 12 kept and 4 new connections at a time");
		tally.assertAllOk(tally.size());
		assertThat(app.awaitWhole(1).worker(0).pid()).isEqualTo(first);
		assertThat(Processes.gone(second)).isTrue();
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();

		app.signal("TTOU");
		app.awaitLine("WARN .* Not scaling to 0 workers");
		assertThat(app.awaitWhole(1).worker(0).pid()).isEqualTo(first);

		app.signal("TERM");
		assertThat(app.awaitExit()).isZero();
		assertThat(app.tree()).isEmpty();
	}

}
