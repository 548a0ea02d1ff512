package dev.tomcorn.it;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Workers that freeze under load or die repeatedly. At the end of the fleet, an arbiter
 * that is killed.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Order(1)
class CrashIT {

	private static final int CLIENTS = 8;

	private static final int FREEZING = 1;

	private static final int DYING = 0;

	private static final int SURVIVING = 1;

	/**
	 * So long that a worker which waits for a CPU does not count as frozen, and a frozen
	 * one is not killed before the test has seen its effect on the others.
	 */
	private static final int TIMEOUT_SECONDS = 30;

	/**
	 * Time for a test to see that the workers drain before it lets requests end.
	 */
	private static final int GRACEFUL_SECONDS = 15;

	@RegisterExtension
	static final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@TempDir
	static Path directory;

	private static Path runDirectory;

	private static Path incidents;

	private static Path holdBoot;

	private static Path dieAfterReady;

	private static DemoProcess app;

	@BeforeAll
	static void start() throws IOException {
		runDirectory = Files.createDirectory(directory.resolve("run"));
		incidents = Files.createDirectory(directory.resolve("incidents"));
		holdBoot = directory.resolve("hold");
		dieAfterReady = directory.resolve("die");
		app = apps.start(Launch.faults(2, "gevent")
			.arguments("--tomcorn.timeout=%ds".formatted(TIMEOUT_SECONDS),
					"--tomcorn.graceful-timeout=%ds".formatted(GRACEFUL_SECONDS),
					"--tomcorn.run-directory=" + runDirectory, "--tomcorn.incidents.directory=" + incidents,
					"--fault.hold-boot=" + holdBoot, "--fault.die-after-ready=" + dieAfterReady));
	}

	/**
	 * Without requests the worker seems to be the one that should have every connection.
	 */
	@Test
	@Order(1)
	void frozenIdleWorkerIsNotWaitedFor() {
		long victim = app.awaitWarm(2).worker(FREEZING).pid();
		Processes.freeze(victim);
		try {
			Tally tally = app.load().simultaneous(4 * CLIENTS, "/io?ms=50").print("SIGSTOP of an idle worker 1 of 2");
			assertStillFrozen(victim);
			tally.assertAllOk(4 * CLIENTS);
			assertThat(tally.byPid()).doesNotContainKey(victim).hasSize(1);
		}
		finally {
			Processes.signal("CONT", victim);
		}
		assertThat(app.awaitWarm(2).worker(FREEZING).pid()).isEqualTo(victim);
	}

	/**
	 * The requests in the frozen worker wait, and end when it is killed. All others are
	 * answered before. The incident folder has its state as seen from outside.
	 */
	@Test
	@Order(2)
	void frozenWorkerDoesNotHoldTheOthersBackAndIsReplaced() throws IOException {
		Fleet before = app.awaitWhole(2);
		Fleet.Worker victim = before.worker(FREEZING);
		Tally whileFrozen;
		Tally tally;
		long frozenAt;
		int openConnections;
		try (LoadGenerator.Load load = new LoadGenerator(app.port(), DemoProcess.PATIENCE).start(0, CLIENTS,
				"/io?ms=1000")) {
			await("load on all workers").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().byPid().size() == 2);
			Processes.freeze(victim.pid());
			frozenAt = System.nanoTime();
			openConnections = FleetBoard.in(runDirectory).slotOf(victim.pid()).openConnections();
			// A client whose request is not in this worker has several answers
			await("answers of the other").atMost(DemoProcess.PATIENCE)
				.until(() -> begunSince(frozenAt, load).size() >= 3 * CLIENTS);
			whileFrozen = begunSince(frozenAt, load);
			assertStillFrozen(victim.pid());
			app.awaitLine(
					"(?m)Worker 1 \\(pid %d\\) is being killed: no heartbeat within timeout \\(%d s\\), a signal has stopped it$"
						.formatted(victim.pid(), TIMEOUT_SECONDS));
			tally = load.stop();
		}
		tally.print("SIGSTOP of worker 1 of 2, %d clients with new connections and requests of 1 s".formatted(CLIENTS));
		Figures.print("  while it was frozen: %s; its connections: %d", whileFrozen, openConnections);
		whileFrozen.assertAllOk(whileFrozen.size());
		assertThat(whileFrozen.byPid()).doesNotContainKey(victim.pid());
		assertThat(tally.failures().exchanges()).as("failures, no more than connections of the frozen worker")
			.hasSizeLessThanOrEqualTo(openConnections + 1)
			.allSatisfy((exchange) -> assertThat(exchange.outcome()).isIn(Outcome.RESET, Outcome.CLOSED_UNANSWERED))
			.allSatisfy((exchange) -> assertThat(exchange.begun()).isLessThan(frozenAt));
		app.awaitLine("Worker 1 \\(pid %d\\) was killed: no heartbeat within timeout".formatted(victim.pid()));
		Path incident = onlyChild(incidents);
		assertThat(Files.readString(incident.resolve("outside.txt"))).contains("stopped");
		assertThat(Files.readString(incident.resolve("incident.txt"))).contains("no heartbeat within timeout",
				"state READY");
		Fleet after = app.awaitFleet((fleet) -> fleet.whole(2) && !fleet.pids().contains(victim.pid()));
		assertThat(after.worker(1 - FREEZING).pid()).as("the other worker")
			.isEqualTo(before.worker(1 - FREEZING).pid());
		assertThat(app.lines("is being killed")).hasSize(1);
	}

	private static Tally begunSince(long time, LoadGenerator.Load load) {
		return load.soFar().only((exchange) -> exchange.begun() > time);
	}

	private static void assertStillFrozen(long pid) {
		assertThat(Processes.isStopped(pid)).as("still frozen").isTrue();
		assertThat(app.lines("(pid %d) is being killed".formatted(pid))).isEmpty();
	}

	@Test
	@Order(3)
	void workerThatDiesAgainAndAgainIsReplacedLaterEachTimeAndTheOtherLosesNothing() throws IOException {
		// Or the first that can answer gets most of the connections
		Fleet before = app.awaitWarm(2);
		long survivor = before.worker(SURVIVING).pid();
		Kills kills = new Kills();
		MixedTally tally;
		MixedTally killed;
		int toSee = ChaosScale.deaths();
		MixedLoad.Clients clients = ChaosScale.load(app.port());
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(2 * ChaosScale.some());
			long first = before.worker(DYING).pid();
			// Until the loss by the first death is known
			Files.createFile(holdBoot);
			Files.createFile(dieAfterReady);
			kills.kill(FleetBoard.in(runDirectory), first);
			app.awaitLine(
					"Worker 0 \\(pid %d\\) ended unexpectedly: signal SIGKILL, not sent by the arbiter(; \\d+ requests? .*)?; respawning at once"
						.formatted(first));
			killed = load.awaitMore(ChaosScale.some()).soFar();
			Files.delete(holdBoot);
			await("crash loop").atMost(DemoProcess.PATIENCE.multipliedBy(toSee)).until(() -> deaths().size() >= toSee);
			Files.delete(dieAfterReady);
			long loopEnded = load.soFar().byPid().size();
			await("work of one that stays").atMost(DemoProcess.PATIENCE)
				.until(() -> load.soFar().byPid().size() > loopEnded);
			tally = load.awaitMore(ChaosScale.some()).stop();
		}
		this.table.add("%d deaths in the place of 1 worker of 2, %s".formatted(deaths().size(), clients), tally);
		kills.account(killed);
		assertEveryAnswerOfTheOtherArrived(before, tally);
		Fleet after = app.awaitWhole(2);
		// One more may have died when the flag was deleted
		List<String> deaths = deaths();
		Figures.print("  deaths:%n%s", String.join(System.lineSeparator(), deaths));
		assertOnlyTheDyingLost(tally, survivor, deaths.size(), clients.keepAlive() + clients.newConnections());
		assertThat(deaths.get(1)).contains("exit code 1").contains("respawning in 1 s");
		assertThat(deaths).extracting(CrashIT::delay).as("seconds to each respawn").isSorted().doesNotHaveDuplicates();
		assertThat(after.deaths().getFirst().cause()).isEqualTo("EXIT");
		assertThat(after.worker(SURVIVING).pid()).isEqualTo(survivor);
		assertThat(after.worker(DYING).age()).as("spawned once for each death")
			.isEqualTo(before.worker(SURVIVING).age() + deaths.size());
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();
	}

	private static List<String> deaths() {
		return app.lines("Worker 0 (pid").stream().filter((line) -> line.contains("ended unexpectedly")).toList();
	}

	/**
	 * Return the seconds for which the place of a dead worker stays empty.
	 */
	private static int delay(String death) {
		Matcher delay = Pattern.compile("respawning in (\\d+) s").matcher(death);
		return delay.find() ? Integer.parseInt(delay.group(1)) : 0;
	}

	/**
	 * A client waits for one answer at a time, so each death costs each client one
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
	 * The survivor's count of handled requests is the number of answers that clients have
	 * got from it, except those of this test.
	 */
	private static void assertEveryAnswerOfTheOtherArrived(Fleet before, MixedTally tally) {
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

	@Test
	@Order(4)
	void noWorkerOutlivesAKilledArbiter(@TempDir Path files) throws IOException {
		Set<Long> workers = app.awaitWhole(2).pids();
		assertThat(runDirectory).isNotEmptyDirectory();
		assertThat(app.tree()).containsAll(workers).hasSize(3);

		Path release = files.resolve("release");
		List<CompletableFuture<Exchange>> shorter = List.of(app.load().send("/held?until=" + release),
				app.load().send("/held?until=" + release));
		CompletableFuture<Exchange> endless = app.load().send("/held?until=" + files.resolve("never"));
		app.awaitFleet((fleet) -> fleet.workers().stream().mapToInt(Fleet.Worker::activeRequests).sum() == 4);
		int port = app.port();
		// Deleting the run directory cannot succeed while the application still runs
		Path obstacle = Files.createDirectory(onlyChild(runDirectory).resolve("obstacle"));
		app.signal("KILL");
		await("first deletions").atMost(DemoProcess.PATIENCE)
			.until(() -> app.lines("The arbiter is gone: draining and ending").size() == 2);
		// A worker without requests may have ended by now, but not the one with the
		// endless request
		assertThat(app.tree()).as("workers that drain").isNotEmpty();
		Files.delete(obstacle);
		Files.createFile(release);
		// Only the graceful timeout ends it
		await("end of every worker").atMost(DemoProcess.PATIENCE).until(() -> app.tree().isEmpty());
		Tally tally = new Tally(shorter.stream().map(CompletableFuture::join).toList())
			.print("kill -9 of the arbiter, requests shorter than the graceful timeout of " + GRACEFUL_SECONDS + " s");
		Figures.print("  an endless request: %s", endless.join().outcome());
		tally.assertAllOk(2);
		assertThat(endless.join().ok()).isFalse();
		assertThat(runDirectory).isEmptyDirectory();
		try (ServerSocket socket = new ServerSocket()) {
			socket.setReuseAddress(true);
			socket.bind(new InetSocketAddress(port));
			assertThat(socket.isBound()).isTrue();
		}
	}

	private static Path onlyChild(Path directory) throws IOException {
		try (Stream<Path> children = Files.list(directory)) {
			return children.findFirst().orElseThrow();
		}
	}

}
