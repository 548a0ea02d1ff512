package dev.tomcorn.it;

import java.nio.file.Path;
import java.util.List;

import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Operations on a fleet under load lose no request.
 */
@Order(1)
class FleetUnderLoadIT {

	private static final int FEW = ChaosScale.workers();

	private static final int MANY = ChaosScale.scaledWorkers();

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@Test
	void scalingReloadsAndTheEndLoseNoRequest(@TempDir Path runDirectory) {
		DemoProcess app = this.apps.start(Launch.faults(MANY, "gevent")
			.jvmOptions("-Xmx96m")
			.arguments("--tomcorn.run-directory=" + runDirectory));
		app.awaitWarm(MANY);
		scalesDown(app);
		reloads(app);
		replacesAWorkerThatWasSentTerm(app);
		scalesUp(app);
		answersAllThenRefuses(app, "TERM to every process, the workers first, gevent", runDirectory,
				() -> terminateEveryProcess(app));
	}

	private void scalesDown(DemoProcess app) {
		MixedTally tally;
		MixedLoad.Clients clients = ChaosScale.load(app.port());
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(2 * ChaosScale.some());
			await("load on all workers").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().byPid().size() == MANY);
			scale(app, "TTOU", MANY, FEW);
			tally = load.awaitMore(ChaosScale.some()).stop();
		}
		this.table.add("from %d to %d workers, %s".formatted(MANY, FEW, clients), tally);
		tally.assertAllOk(3 * ChaosScale.some());
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();
	}

	private void scalesUp(DemoProcess app) {
		int times = ChaosScale.scalings();
		MixedTally tally;
		MixedLoad.Clients clients = ChaosScale.load(app.port());
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(ChaosScale.some());
			for (int i = 1; i <= times; i++) {
				scale(app, "TTIN", FEW, MANY);
				int served = FEW + i * (MANY - FEW);
				await("an answer from every worker").atMost(DemoProcess.PATIENCE)
					.until(() -> load.soFar().byPid().size() >= served);
				if (i < times) {
					load.awaitMore(ChaosScale.some());
					scale(app, "TTOU", MANY, FEW);
				}
				load.awaitMore(ChaosScale.some());
			}
			tally = load.stop();
		}
		this.table.add("%d times from %d to %d workers, %s".formatted(times, FEW, MANY, clients), tally);
		tally.assertAllOk(2 * ChaosScale.some());
		assertThat(tally.byPid()).as("workers that have served").hasSize(FEW + times * (MANY - FEW));
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();
	}

	private static void scale(DemoProcess app, String signal, int from, int to) {
		for (int target = from; target != to;) {
			target += Integer.signum(to - from);
			app.signal(signal);
			// Two pending signals of the same kind are one
			int step = target;
			app.awaitFleet((fleet) -> fleet.arbiter() != null && fleet.arbiter().targetWorkers() == step);
		}
		app.awaitFleet((fleet) -> fleet.whole(to));
	}

	private void reloads(DemoProcess app) {
		int reloads = ChaosScale.reloads();
		int requests = ChaosScale.requests();
		MixedTally tally;
		MixedLoad.Clients clients = ChaosScale.load(app.port());
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(2 * ChaosScale.some());
			for (int generation = 2; generation < 2 + reloads; generation++) {
				app.signal("HUP");
				app.awaitLine("Reload to generation %d succeeded in ".formatted(generation));
				load.awaitMore(requests / 100);
			}
			tally = load.awaitRequests(requests).stop();
		}
		this.table.add("%d reloads, HTTP/1.1, %s".formatted(reloads, clients), tally);
		tally.assertAllOk(requests);
		Fleet after = app.awaitWhole(FEW);
		assertThat(after.workers()).allMatch((worker) -> worker.generation() == 1 + reloads);
	}

	/**
	 * The successor boots first.
	 */
	private void replacesAWorkerThatWasSentTerm(DemoProcess app) {
		long before = app.awaitWhole(FEW).worker(0).pid();
		MixedLoad.Clients clients = ChaosScale.load(app.port());
		MixedTally tally;
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(ChaosScale.some());
			Processes.signal("TERM", before);
			app.awaitLine("Worker 0 \\(pid %d\\) stopped".formatted(before));
			tally = load.awaitMore(ChaosScale.some()).stop();
		}
		this.table.add("TERM to one worker, %s".formatted(clients), tally);
		tally.assertAllOk(2 * ChaosScale.some());
		long successor = app.awaitWhole(FEW).worker(0).pid();
		assertThat(successor).isNotEqualTo(before);
		assertThat(app.output()).containsSubsequence("Worker 0 (pid %d) wants to be replaced".formatted(before),
				"Worker 0 (pid %d) ready in".formatted(successor), "Worker 0 (pid %d) stopped".formatted(before));
	}

	/**
	 * The clients of the load wait in the kernel's queue: the only worker serves one at a
	 * time. {@link SoloIT} has such a queue in any build.
	 */
	@Test
	@EnabledIfSystemProperty(named = "chaos.full", matches = "true", disabledReason = "Is for -Dtests.chaos.full=true")
	void termToEveryProcessServesTheLongQueueOfASyncWorker(@TempDir Path runDirectory) {
		DemoProcess app = this.apps.start(Launch.faults(1, "sync")
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.run-directory=" + runDirectory));
		app.awaitWarm(1);
		answersAllThenRefuses(app, "TERM to every process, the worker first, sync", runDirectory,
				() -> terminateEveryProcess(app));
	}

	/**
	 * {@link SignalsIT} sends it to the arbiter alone.
	 */
	private static void terminateEveryProcess(DemoProcess app) {
		List<Long> workers = app.tree().stream().filter((pid) -> pid != app.pid()).toList();
		assertThat(workers).isNotEmpty();
		workers.forEach((pid) -> Processes.signal("TERM", pid));
		app.signal("TERM");
	}

	private void answersAllThenRefuses(DemoProcess app, String what, Path runDirectory, Runnable terminate) {
		int clientsOfAKind = ChaosScale.lastClients();
		MixedLoad.Clients clients = MixedLoad.to(app.port())
			.keepAlive(clientsOfAKind)
			.newConnections(clientsOfAKind)
			.work(ChaosScale.lastWork())
			.stoppingWhenRefused();
		long stoppedAt;
		MixedTally tally;
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(2 * ChaosScale.some());
			stoppedAt = System.nanoTime();
			terminate.run();
			assertThat(app.awaitExit()).as("exit code").isZero();
			// Not stopped: a client between two requests must still be refused
			tally = load.awaitEnd();
		}
		this.table.add("%s, %s".formatted(what, clients), tally);
		List<Failure> refused = tally.failures();
		Figures.print("  first refused %d ms after TERM, last accepted %d ms after it",
				(refused.getFirst().ended() - stoppedAt) / 1_000_000, (tally.lastAcceptedAt() - stoppedAt) / 1_000_000);
		assertThat(refused).as("all that is not answered")
			.allSatisfy((failure) -> assertThat(failure.outcome()).isEqualTo(Outcome.REFUSED))
			.allSatisfy((failure) -> assertThat(failure.ended()).isGreaterThan(stoppedAt));
		assertThat(refused).as("each client ends refused").hasSize(2 * clientsOfAKind);
		assertThat(tally.lastAcceptedAt()).as("last connection begun that is accepted, against the first refused")
			.isLessThan(refused.getFirst().ended());
		assertThat(app.tree()).isEmpty();
		assertThat(runDirectory).isEmptyDirectory();
	}

}
