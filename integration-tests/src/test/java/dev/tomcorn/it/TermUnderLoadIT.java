package dev.tomcorn.it;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The end of the application under load: all that was accepted is answered, then nobody
 * is there.
 */
class TermUnderLoadIT {

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@Test
	void termAnswersAllThatWasAcceptedAndThenRefuses(@TempDir Path runDirectory) {
		Launch launch = Launch.faults(2, "gevent").arguments("--tomcorn.run-directory=" + runDirectory);
		answersAllThenRefuses(launch, 2, runDirectory, "TERM", (app) -> app.signal("TERM"));
	}

	@Test
	void termToEveryProcessIsNoDifferent(@TempDir Path runDirectory) {
		Launch launch = Launch.faults(2, "sync").arguments("--tomcorn.run-directory=" + runDirectory);
		answersAllThenRefuses(launch, 2, runDirectory, "TERM to every process, the workers first", (app) -> {
			List<Long> workers = app.tree().stream().filter((pid) -> pid != app.pid()).toList();
			assertThat(workers).hasSize(2);
			workers.forEach((pid) -> Processes.signal("TERM", pid));
			app.signal("TERM");
		});
	}

	@Test
	void termToOneWorkerHasAnotherBootFirst() {
		DemoProcess app = this.apps.start(Launch.faults(1, "gevent").arguments("--tomcorn.arbiter.enabled=true"));
		long before = app.awaitWarm(1).worker(0).pid();
		MixedLoad.Clients clients = MixedLoad.to(app.port()).rate(300);
		MixedTally tally;
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(300);
			Processes.signal("TERM", before);
			app.awaitLine("Worker 0 \\(pid %d\\) stopped".formatted(before));
			tally = load.awaitMore(300).stop();
		}
		this.table.add("TERM to the only worker, %s".formatted(clients), tally);
		tally.assertAllOk(600);
		assertThat(app.awaitWhole(1).worker(0).pid()).isNotEqualTo(before);
	}

	@Test
	void termOfSyncWorkersServesTheirLongQueueToo(@TempDir Path runDirectory) {
		Launch launch = Launch.faults(2, "sync").arguments("--tomcorn.run-directory=" + runDirectory);
		answersAllThenRefuses(launch, 2, runDirectory, "TERM", (app) -> app.signal("TERM"));
	}

	private void answersAllThenRefuses(Launch launch, int workers, Path runDirectory, String what,
			Consumer<DemoProcess> terminate) {
		DemoProcess app = this.apps.start(launch);
		app.awaitWarm(workers);
		MixedLoad.Clients clients = MixedLoad.to(app.port())
			.keepAlive(32)
			.newConnections(32)
			.work(20)
			.stoppingWhenRefused();
		long stoppedAt;
		MixedTally tally;
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(1000);
			stoppedAt = System.nanoTime();
			terminate.accept(app);
			assertThat(app.awaitExit()).as("exit code").isZero();
			// Not stopped: a client between two requests is still to be refused
			tally = load.awaitEnd();
		}
		this.table.add("%s, %s workers, %s".formatted(what, workerClass(launch), clients), tally);
		List<Failure> refused = tally.failures();
		Figures.print("  first refused %d ms after TERM, last accepted %d ms after it",
				(refused.getFirst().ended() - stoppedAt) / 1_000_000, (tally.lastAcceptedAt() - stoppedAt) / 1_000_000);
		assertThat(refused).as("all that is not answered")
			.allSatisfy((failure) -> assertThat(failure.outcome()).isEqualTo(Outcome.REFUSED))
			.allSatisfy((failure) -> assertThat(failure.ended()).isGreaterThan(stoppedAt));
		assertThat(refused).as("each client ends refused").hasSize(64);
		assertThat(tally.lastAcceptedAt()).as("last connection begun that is accepted, against the first refused")
			.isLessThan(refused.getFirst().ended());
		assertThat(app.tree()).isEmpty();
		assertThat(runDirectory).isEmptyDirectory();
	}

	private static String workerClass(Launch launch) {
		String name = "--tomcorn.worker-class=";
		return launch.arguments()
			.stream()
			.filter((argument) -> argument.startsWith(name))
			.map((argument) -> argument.substring(name.length()))
			.findFirst()
			.orElseThrow();
	}

}
