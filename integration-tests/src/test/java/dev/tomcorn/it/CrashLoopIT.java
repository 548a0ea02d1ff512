package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A worker that dies right after it is ready, again and again.
 */
class CrashLoopIT {

	private static final int MOST_IN_A_MINUTE = 10;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@Test
	void workerThatDiesRightAfterReadyIsNotRespawnedInAStorm(@TempDir Path directory) throws IOException {
		Path flag = directory.resolve("die");
		DemoProcess app = this.apps.start(Launch.faults(2, "gevent").arguments("--fault.die-after-ready=" + flag));
		Fleet before = app.awaitWarm(2);
		long survivor = before.worker(0).pid();
		Files.createFile(flag);
		Duration watched = ChaosScale.crashLoop();
		MixedTally tally;
		List<String> deaths;
		MixedLoad.Clients clients = MixedLoad.to(app.port()).rate(300);
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(200);
			Processes.signal("KILL", before.worker(1).pid());
			long begun = System.nanoTime();
			await("crash loop").atMost(watched.plus(DemoProcess.PATIENCE))
				.pollInterval(Duration.ofMillis(200))
				.until(() -> System.nanoTime() - begun >= watched.toNanos() && deaths(app).size() >= 3);
			deaths = deaths(app);
			load.awaitMore(200);
			Files.delete(flag);
			app.awaitFleet((fleet) -> fleet.whole(2) && load.soFar().byPid().containsKey(fleet.worker(1).pid()));
			load.awaitMore(200);
			tally = load.stop();
		}
		this.table.add("crash loop of 1 worker of 2 for %d s, %s".formatted(watched.toSeconds(), clients), tally);
		Figures.print("  deaths in %d s: %d%n%s", watched.toSeconds(), deaths.size(),
				String.join(System.lineSeparator(), deaths));

		assertThat(deaths.size()).as("deaths, the first by kill -9").isBetween(3, 1 + MOST_IN_A_MINUTE);
		assertThat(deaths.getFirst()).containsPattern("SIGKILL|137").contains("respawning at once");
		assertThat(deaths.get(1)).contains("exit code 1").contains("respawning in 1 s");
		assertThat(deaths.get(2)).contains("exit code 1").contains("respawning in 2 s");
		Fleet after = app.awaitWhole(2);
		assertThat(after.worker(0).pid()).isEqualTo(survivor);
		// One more may have died when the flag was deleted
		assertOnlyTheDyingLost(tally, survivor, deaths(app).size());
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();
	}

	private static List<String> deaths(DemoProcess app) {
		return app.lines("Worker 1 (pid").stream().filter((line) -> line.contains("ended unexpectedly")).toList();
	}

	/**
	 * A client waits for one answer at a time, so that each death costs each client one
	 * request at most.
	 */
	private static void assertOnlyTheDyingLost(MixedTally tally, long survivor, int deaths) {
		assertThat(tally.failures()).as("failures")
			.allSatisfy((failure) -> assertThat(failure.outcome()).isIn(Outcome.RESET, Outcome.CLOSED_UNANSWERED))
			.allSatisfy((failure) -> assertThat(failure.server()).isNotEqualTo(survivor));
		Set<Long> others = new TreeSet<>(tally.byPid().keySet());
		assertThat(others).contains(survivor);
		assertThat(tally.failures().size()).as("failures of %d deaths", deaths).isLessThanOrEqualTo(80 * deaths);
		assertThat(tally.byPid().get(survivor)).as("answers of the other worker")
			.isGreaterThan(tally.count(Outcome.OK) / 3);
	}

}
