package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The effect of an operator's signals, and the events that listeners in the arbiter and
 * the application in a worker get.
 */
class SignalsIT {

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@Test
	void signalsScaleAndEndTheFleetAndListenersAreToldOfIt(@TempDir Path runDirectory) throws IOException {
		DemoProcess app = this.apps.start(Launch.faults(2, "gevent")
			.arguments(HeldRequest.PATIENCE, "--tomcorn.graceful-timeout=10m",
					"--tomcorn.run-directory=" + runDirectory));
		signalToEveryProcessDoesNotEndTheFirstBoot(app);
		Fleet fleet = app.awaitWhole(2);
		long first = fleet.worker(0).pid();
		long scaledAway = fleet.worker(1).pid();
		workerUsesTheAotCacheThatTheArbiterHas(app, first);
		ttouScalesByOneAndLosesNoRequest(app, first, scaledAway);
		ttouDoesNotScaleToZero(app, first);
		Set<Long> workers = ttinScalesByOne(app, first);
		signalsForTheArbiterChangeNoWorker(app, workers);
		termFinishesWhatIsUnderWayAndLeavesNothing(app, workers, runDirectory);
		assertThat(workers).allMatch(Processes::gone);
		listenersWereToldOfEverything(app, scaledAway);
		assertThat(app.lines("Pausing")).as("WINCH is ignored").isEmpty();
	}

	/**
	 * A new worker cannot ignore it yet. Most often this one does not survive it.
	 */
	private static void signalToEveryProcessDoesNotEndTheFirstBoot(DemoProcess app) {
		long worker = Long.parseLong(app.awaitLine("Fleet diary: WorkerSpawned\\[.*, pid=(\\d+)\\]").group(1));
		Processes.signal("HUP", worker);
		String outcome = app
			.awaitLine("Worker 0 \\(pid %d\\) (was ended by signal 1 while it was booting; respawning at once|ready)"
				.formatted(worker))
			.group(1);
		Figures.print("HUP to the first worker at its start: it %s", outcome);
	}

	/**
	 * Here, because this fleet has no option that excludes a cache, such as a flight
	 * recording.
	 */
	private static void workerUsesTheAotCacheThatTheArbiterHas(DemoProcess app, long worker) throws IOException {
		if (Boolean.getBoolean("packaged")) {
			return;
		}
		ExtractedJar extracted = ExtractedJar.of(Launch.FAULT_JAR);
		assertThat(Processes.commandLine(worker)).containsOnlyOnce("-XX:AOTCache=" + extracted.cache());
		assertThat(Path.of("/proc/%d/maps".formatted(worker))).as("the cache is mapped, so that its classes are used")
			.content()
			.contains(extracted.cache().toRealPath().toString());
		assertThat(app.output()).doesNotContain("[aot]", "restricted method");
	}

	private static void ttouScalesByOneAndLosesNoRequest(DemoProcess app, long first, long second) {
		Tally tally;
		try (LoadGenerator.Load load = app.load().start(8, 2, "/io?ms=400")) {
			await("load on both workers").atMost(DemoProcess.PATIENCE)
				.until(() -> load.soFar().byPid().size() == 2 && load.soFar().size() > 20);
			app.signal("TTOU");
			app.awaitLine("Scaling from 2 to 1 workers");
			app.awaitLine("Worker 1 \\(pid %d\\) stopped".formatted(second));
			int seen = load.soFar().size();
			await("more load").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().size() > seen + 20);
			tally = load.stop();
		}
		tally.print("TTOU from 2 to 1 workers, 8 kept and 2 new connections at a time");
		tally.assertAllOk(tally.size());
		assertThat(app.awaitWhole(1).worker(0).pid()).isEqualTo(first);
		assertThat(Processes.gone(second)).isTrue();
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();
	}

	private static void ttouDoesNotScaleToZero(DemoProcess app, long first) {
		app.signal("TTOU");
		app.awaitLine("WARN .* Not scaling to 0 workers");
		assertThat(app.awaitWhole(1).worker(0).pid()).isEqualTo(first);
	}

	private static Set<Long> ttinScalesByOne(DemoProcess app, long first) {
		app.signal("TTIN");
		app.awaitLine("Scaling from 1 to 2 workers");
		Fleet two = app.awaitWhole(2);
		assertThat(two.worker(0).pid()).isEqualTo(first);
		assertThat(two.arbiter()).isNotNull().extracting(Fleet.Arbiter::targetWorkers).isEqualTo(2);
		return two.pids();
	}

	/**
	 * A terminal also sends its signals to the workers, like a user who sends one to
	 * every process.
	 */
	private static void signalsForTheArbiterChangeNoWorker(DemoProcess app, Set<Long> workers) {
		Fleet before = app.fleet();
		for (String signal : List.of("HUP", "INT", "USR1", "USR2", "TTIN", "TTOU", "WINCH")) {
			Processes.signal(signal, before.worker(0).pid());
			Processes.signal(signal, before.worker(1).pid());
		}
		app.signal("WINCH");
		await("answers of both").atMost(DemoProcess.PATIENCE)
			.until(() -> app.load().simultaneous(20, "/io?ms=100").byPid().keySet().equals(workers));
		assertThat(app.awaitWhole(2)).returns(1, (fleet) -> fleet.worker(0).generation()).returns(workers, Fleet::pids);
	}

	private static void termFinishesWhatIsUnderWayAndLeavesNothing(DemoProcess app, Set<Long> workers,
			Path runDirectory) throws IOException {
		HeldRequest last = HeldRequest.send(app.port());
		app.awaitFleet((current) -> current.workers().stream().mapToInt(Fleet.Worker::activeRequests).sum() == 2);
		long stoppedAt;
		Exchange exchange;
		Tally tally;
		try (LoadGenerator.Load load = app.load().start(12, 4, "/io?ms=400")) {
			await("load on all workers").atMost(DemoProcess.PATIENCE)
				.until(() -> load.soFar().byPid().size() == 2 && load.soFar().size() > 40);
			stoppedAt = System.nanoTime();
			app.signal("TERM");
			long first = assertThatAWorkerEndsBeforeTheArbiterAndLeavesNoZombie(app, workers);
			exchange = last.release().answer();
			assertThat(app.awaitExit()).as("exit code").isZero();
			assertThat(exchange.ok()).isTrue();
			assertThat(exchange.served().pid()).isNotEqualTo(first);
			tally = load.stop();
		}
		assertThat(app.tree()).isEmpty();
		assertThat(runDirectory).isEmptyDirectory();
		assertThatNobodyButLateClientsWasTurnedAway(tally, stoppedAt);
	}

	private static long assertThatAWorkerEndsBeforeTheArbiterAndLeavesNoZombie(DemoProcess app, Set<Long> workers) {
		app.awaitLine("Stopping: draining 2 worker\\(s\\), at most 600 s");
		// One that was removed by scaling has stopped before
		String pids = String.join("|", workers.stream().map(String::valueOf).toList());
		long first = Long.parseLong(app.awaitLine("Worker \\d \\(pid (%s)\\) stopped".formatted(pids)).group(1));
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

	/**
	 * Other tests show the events of a reload or a recycling.
	 */
	private static void listenersWereToldOfEverything(DemoProcess app, long scaledAway) {
		app.awaitLine("Fleet diary: WorkerExited\\[placement=.*, pid=%d, planned=true, ".formatted(scaledAway));
		for (String line : new String[] { "Fleet diary: Started[workers=2]", "Fleet diary: WorkerSpawned[",
				"Fleet diary: WorkerReady[", "Fleet diary: Scaled[from=2, to=1]", "Fleet diary: Scaled[from=1, to=2]",
				"Fleet diary: Stopping[graceful=true]", "Fleet diary: Halted[exitCode=0]",
				"Worker diary: ready, index 0", "Worker diary: draining, index 1" }) {
			assertThat(app.lines(line)).as(line).isNotEmpty();
		}
		Figures.print("hooks: %d lines in the arbiter's diary, %d in those of the workers",
				app.lines("Fleet diary: ").size(), app.lines("Worker diary: ").size());
	}

}
