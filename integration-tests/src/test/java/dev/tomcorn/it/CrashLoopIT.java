package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A worker that is killed, and then dies right after it is ready, again and again.
 */
class CrashLoopIT {

	private static final int DYING = 1;

	private static final int SURVIVING = 0;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@Test
	void workerThatDiesAgainAndAgainIsReplacedLaterEachTimeAndTheOtherLosesNothing(@TempDir Path directory)
			throws IOException {
		Path flag = directory.resolve("die");
		Path runDirectory = Files.createDirectory(directory.resolve("run"));
		DemoProcess app = this.apps.start(Launch.faults(2, "gevent")
			.arguments("--fault.die-after-ready=" + flag, "--tomcorn.run-directory=" + runDirectory));
		// Or the first that can answer gets most of the connections
		Fleet before = app.awaitWarm(2);
		long survivor = before.worker(SURVIVING).pid();
		FleetBoard board = FleetBoard.in(runDirectory);
		Kills kills = new Kills();
		MixedTally tally;
		MixedTally killed;
		int toSee = ChaosScale.deaths();
		MixedLoad.Clients clients = ChaosScale.load(app.port());
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(200);
			long first = before.worker(DYING).pid();
			kills.kill(board, first);
			app.awaitLine(
					"Worker 1 \\(pid %d\\) ended unexpectedly: signal SIGKILL, not sent by the arbiter; respawning at once"
						.formatted(first));
			await("work of the replacement").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().byPid().size() == 3);
			killed = load.soFar();
			Files.createFile(flag);
			kills.kill(board,
					board.ready()
						.stream()
						.filter((pid) -> pid != survivor && !Processes.gone(pid))
						.findFirst()
						.orElseThrow());
			await("crash loop").atMost(DemoProcess.PATIENCE.multipliedBy(toSee))
				.until(() -> deaths(app).size() >= toSee);
			Files.delete(flag);
			long loopEnded = load.soFar().byPid().size();
			await("work of one that stays").atMost(DemoProcess.PATIENCE)
				.until(() -> load.soFar().byPid().size() > loopEnded);
			tally = load.awaitMore(100).stop();
		}
		this.table.add("%d deaths in the place of 1 worker of 2, %s".formatted(deaths(app).size(), clients), tally);
		kills.account(killed);
		assertEveryAnswerOfTheOtherArrived(app, before, tally);
		Fleet after = app.awaitWhole(2);
		// One more may have died when the flag was deleted
		List<String> deaths = deaths(app);
		Figures.print("  deaths:%n%s", String.join(System.lineSeparator(), deaths));
		assertOnlyTheDyingLost(tally, survivor, deaths.size(), clients.keepAlive() + clients.newConnections());
		assertThat(deaths.get(1)).contains("SIGKILL").contains("respawning in 1 s");
		assertThat(deaths.get(2)).contains("exit code 1").contains("respawning in 2 s");
		assertThat(deaths).extracting(CrashLoopIT::delay)
			.as("seconds to each respawn")
			.isSorted()
			.doesNotHaveDuplicates();
		assertThat(after.worker(SURVIVING).pid()).isEqualTo(survivor);
		assertThat(after.worker(DYING).age()).as("spawned once for each death").isEqualTo(2 + deaths.size());
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();
	}

	private static List<String> deaths(DemoProcess app) {
		return app.lines("Worker 1 (pid").stream().filter((line) -> line.contains("ended unexpectedly")).toList();
	}

	/**
	 * Return the seconds that the place of a dead worker stays empty.
	 */
	private static int delay(String death) {
		Matcher delay = Pattern.compile("respawning in (\\d+) s").matcher(death);
		return delay.find() ? Integer.parseInt(delay.group(1)) : 0;
	}

	/**
	 * A client waits for one answer at a time, so that each death costs each client one
	 * request at most.
	 */
	private static void assertOnlyTheDyingLost(MixedTally tally, long survivor, int deaths, int clients) {
		assertThat(tally.failures()).as("failures")
			.allSatisfy((failure) -> assertThat(failure.outcome()).isIn(Outcome.RESET, Outcome.CLOSED_UNANSWERED))
			.allSatisfy((failure) -> assertThat(failure.server()).isNotEqualTo(survivor));
		assertThat(tally.byPid()).containsKey(survivor);
		assertThat(tally.failures().size()).as("failures of %d deaths", deaths).isLessThanOrEqualTo(clients * deaths);
	}

	/**
	 * What the survivor counts as handled is what clients have got from it, but for the
	 * questions of this test.
	 */
	private static void assertEveryAnswerOfTheOtherArrived(DemoProcess app, Fleet before, MixedTally tally) {
		AtomicLong questions = new AtomicLong(1);
		Fleet.Worker survivor = before.worker(SURVIVING);
		long answered = tally.byPid().get(survivor.pid());
		await("the survivor's count").atMost(DemoProcess.PATIENCE).untilAsserted(() -> {
			long most = questions.getAndIncrement();
			long handled = app.fleet().worker(SURVIVING).handledRequests() - survivor.handledRequests();
			Figures.print("  the survivor handled %d, its clients got %d", handled, answered);
			assertThat(handled).isBetween(answered, answered + most);
		});
	}

}
