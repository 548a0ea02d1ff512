package dev.tomcorn.it;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Processes of a fleet that freeze under load; and, at its end, an arbiter that dies.
 */
@Execution(ExecutionMode.SAME_THREAD)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CrashIT {

	private static final int CLIENTS = 8;

	/**
	 * So long that a worker which waits for a CPU is not taken for a frozen one, nor
	 * killed before the test has seen what it does to the others.
	 */
	private static final int TIMEOUT_SECONDS = 30;

	/**
	 * Room for a test to see that the workers drain before it lets requests end.
	 */
	private static final int GRACEFUL_SECONDS = 15;

	@RegisterExtension
	static final DemoApps apps = new DemoApps();

	@TempDir
	static Path runDirectory;

	private static DemoProcess app;

	@BeforeAll
	static void start() {
		app = apps.start(Launch.faults(2, "gevent")
			.arguments("--tomcorn.timeout=%ds".formatted(TIMEOUT_SECONDS),
					"--tomcorn.graceful-timeout=%ds".formatted(GRACEFUL_SECONDS),
					"--tomcorn.run-directory=" + runDirectory));
	}

	/**
	 * With nothing in its hands it looks like the one that should have every connection.
	 */
	@Test
	@Order(1)
	void frozenIdleWorkerIsNotWaitedFor() {
		long victim = app.awaitWarm(2).worker(1).pid();
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
		assertThat(app.awaitWarm(2).worker(1).pid()).isEqualTo(victim);
	}

	/**
	 * What the frozen worker has in its hands waits, and ends when it is killed. All
	 * others are answered before.
	 */
	@Test
	@Order(2)
	void frozenWorkerDoesNotHoldTheOthersBack() {
		Fleet.Worker victim = app.awaitWhole(2).worker(1);
		Tally whileFrozen;
		Tally tally;
		long frozenAt;
		int inItsHands;
		try (LoadGenerator.Load load = new LoadGenerator(app.port(), DemoProcess.PATIENCE).start(0, CLIENTS,
				"/io?ms=200")) {
			await("load on all workers").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().byPid().size() == 2);
			Processes.freeze(victim.pid());
			frozenAt = System.nanoTime();
			inItsHands = FleetBoard.in(runDirectory).slotOf(victim.pid()).openConnections();
			// Who is not in its hands has several requests answered
			await("answers of the other").atMost(DemoProcess.PATIENCE)
				.until(() -> begunSince(frozenAt, load).size() >= 5 * CLIENTS);
			whileFrozen = begunSince(frozenAt, load);
			assertStillFrozen(victim.pid());
			app.awaitLine("Worker 1 \\(pid %d\\) is being killed: no heartbeat within timeout \\(%d s\\)"
				.formatted(victim.pid(), TIMEOUT_SECONDS));
			tally = load.stop();
		}
		tally.print(
				"SIGSTOP of worker 1 of 2, %d clients with new connections and requests of 200 ms".formatted(CLIENTS));
		Figures.print("  while it was frozen: %s; in its hands: %d", whileFrozen, inItsHands);
		whileFrozen.assertAllOk(whileFrozen.size());
		assertThat(whileFrozen.byPid()).doesNotContainKey(victim.pid());
		assertThat(tally.failures().exchanges()).as("failures, no more than the frozen worker had in its hands")
			.hasSizeLessThanOrEqualTo(inItsHands + 1)
			.allSatisfy((exchange) -> assertThat(exchange.outcome()).isIn(Outcome.RESET, Outcome.CLOSED_UNANSWERED))
			.allSatisfy((exchange) -> assertThat(exchange.begun()).isLessThan(frozenAt));
		app.awaitFleet((fleet) -> fleet.whole(2) && !fleet.pids().contains(victim.pid()));
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
		// A worker with nothing in its hands may have ended by now, but not the one with
		// the endless request
		assertThat(app.tree()).as("workers that drain").isNotEmpty();
		Files.delete(obstacle);
		Files.createFile(release);
		// By nothing but the graceful timeout
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
