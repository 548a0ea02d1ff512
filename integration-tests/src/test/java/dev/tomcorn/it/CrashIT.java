package dev.tomcorn.it;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Processes that die or freeze under load.
 */
class CrashIT {

	/**
	 * Clients of the load that a frozen worker must not slow down.
	 */
	private static final int CLIENTS = 12;

	/**
	 * The clients ask for what takes 200 ms, all the time.
	 */
	private static final Duration LONGEST_GAP = Duration.ofSeconds(2);

	/**
	 * Room for a test to see that the workers drain before it lets requests end.
	 */
	private static final int GRACEFUL_SECONDS = 10;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@Test
	void killedWorkerIsReplacedAndTheOthersLoseNothing() {
		DemoProcess app = this.apps.start(Launch.workers(3, "gevent"));
		// Or the first that can answer gets most of the connections
		Fleet before = app.awaitWarm(3);
		Fleet.Worker victim = before.worker(1);
		long killedAt;
		Tally tally;
		try (LoadGenerator.Load load = app.load().start(16, 8, "/io?ms=100")) {
			await("load on all workers").atMost(DemoProcess.PATIENCE)
				.until(() -> load.soFar().byPid().size() == 3 && load.soFar().size() > 300);
			Processes.signal("KILL", victim.pid());
			await("death").atMost(DemoProcess.PATIENCE).until(() -> Processes.gone(victim.pid()));
			killedAt = System.nanoTime();
			app.awaitLine(
					"Worker 1 \\(pid %d\\) ended unexpectedly: signal SIGKILL, not sent by the arbiter; respawning at once"
						.formatted(victim.pid()));
			await("work of the replacement").atMost(DemoProcess.PATIENCE)
				.until(() -> load.soFar()
					.only((exchange) -> exchange.ok() && exchange.served().worker() == 1
							&& exchange.served().pid() != victim.pid())
					.size() >= 20);
			tally = load.stop();
		}
		tally.print("kill -9 of worker 1 of 3, 16 kept and 8 new connections at a time");
		Tally failures = tally.failures();
		Figures.print("  failed: %d on kept connections of the killed worker, %d on new ones",
				failures.only((exchange) -> exchange.before() != null).size(),
				failures.only((exchange) -> exchange.before() == null).size());

		assertThat(tally.count(Outcome.REFUSED)).as("refused").isZero();
		assertThat(tally.count(Outcome.TIMED_OUT)).as("timed out").isZero();
		assertThat(tally.count(Outcome.WRONG_ANSWER)).as("answered wrongly").isZero();
		// A client may send on a dead connection later, if it was kept from reading the
		// answer before
		assertThat(failures.exchanges()).as("failures").allSatisfy((exchange) -> {
			if (exchange.before() == null) {
				assertThat(exchange.begun()).as("begun").isLessThan(killedAt);
			}
			else {
				assertThat(exchange.before().pid()).as("server").isEqualTo(victim.pid());
			}
		});
		assertThat(failures.size()).as("no more than two thirds of what was under way, a share of one third")
			.isLessThanOrEqualTo(16);
		assertEveryAnswerOfTheOthersArrived(app, before, victim, tally);

		Fleet after = app.awaitWhole(3);
		assertThat(after.worker(0).pid()).isEqualTo(before.worker(0).pid());
		assertThat(after.worker(2).pid()).isEqualTo(before.worker(2).pid());
		assertThat(after.worker(1).pid()).isNotEqualTo(victim.pid());
		assertThat(after.worker(1).age()).isEqualTo(4);
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();

		Processes.signal("KILL", after.worker(1).pid());
		app.awaitLine(
				"Worker 1 \\(pid %d\\) ended unexpectedly: .* respawning in 1 s".formatted(after.worker(1).pid()));
		app.awaitFleet((fleet) -> fleet.whole(3) && !fleet.pids().contains(after.worker(1).pid()));
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();
	}

	/**
	 * What the survivors count as handled is what clients have got from them, but for the
	 * questions of this test.
	 */
	private static void assertEveryAnswerOfTheOthersArrived(DemoProcess app, Fleet before, Fleet.Worker victim,
			Tally tally) {
		AtomicLong questions = new AtomicLong(1);
		await("the survivors' counts").atMost(DemoProcess.PATIENCE).untilAsserted(() -> {
			long most = questions.getAndIncrement();
			Fleet after = app.fleet();
			long unaccounted = 0;
			for (int index : List.of(0, 2)) {
				long handled = after.worker(index).handledRequests() - before.worker(index).handledRequests();
				long answered = tally.byPid().get(before.worker(index).pid());
				Figures.print("  survivor %d handled %d, its clients got %d", index, handled, answered);
				assertThat(handled).isGreaterThanOrEqualTo(answered);
				unaccounted += handled - answered;
			}
			assertThat(unaccounted).isLessThanOrEqualTo(most);
		});
	}

	@Test
	void frozenWorkerDoesNotHoldTheOthersBack() {
		DemoProcess app = this.apps.start(Launch.workers(3, "gevent").arguments("--tomcorn.timeout=20s"));
		Fleet.Worker victim = app.awaitWhole(3).worker(2);
		LoadGenerator generator = new LoadGenerator(app.port(), Duration.ofSeconds(5));
		Tally tally;
		Tally rateBefore;
		Tally rateFrozen;
		long frozenAt;
		Fleet.Worker frozen;
		try (LoadGenerator.Load load = generator.start(0, CLIENTS, "/io?ms=200")) {
			await("load on all workers").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().byPid().size() == 3);
			rateBefore = measure(load);

			Processes.freeze(victim.pid());
			frozenAt = System.nanoTime();
			frozen = app.awaitFleet((fleet) -> fleet.worker(2).heartbeatAgeMillis() > 6000).worker(2);
			rateFrozen = measure(load);
			assertThat(Processes.isStopped(victim.pid())).as("still frozen after the measurement").isTrue();
			assertThat(app.lines("no heartbeat within timeout")).isEmpty();
			tally = load.stop();
		}
		tally.print("SIGSTOP of worker 2 of 3, 12 clients with new connections and requests of 200 ms");
		double ratio = rate(rateFrozen) / rate(rateBefore);
		Figures.print("  before %.1f/s (median %d ms) %s, while frozen %.1f/s (median %d ms) %s: ratio %.2f",
				rate(rateBefore), rateBefore.percentile(0.5).toMillis(), rateBefore.byWorker(), rate(rateFrozen),
				rateFrozen.percentile(0.5).toMillis(), rateFrozen.byWorker(), ratio);
		Tally soon = tally.only((exchange) -> exchange.begun() > frozenAt
				&& exchange.begun() < frozenAt + Duration.ofSeconds(1).toNanos());
		Figures.print("  begun in the first second of the freeze: %s, median %d ms; in the frozen worker's hands: %d",
				soon, soon.percentile(0.5).toMillis(), frozen.openConnections());

		assertThat(ratio).as("rate of the others, with the frozen worker's clients back").isGreaterThan(0.75);
		assertThat(longestGap(tally.only((exchange) -> exchange.ended() > frozenAt), frozenAt, victim.pid()))
			.as("longest time without an answer of the others")
			.isLessThan(LONGEST_GAP);
		assertThat(soon.percentile(0.5)).as("time of an answer right after the freeze")
			.isLessThan(Duration.ofMillis(400));
		assertThat(soon.failures().exchanges()).as("failures of what began after the freeze").isEmpty();
		Tally failures = tally.failures();
		assertThat(failures.exchanges()).as("failures")
			.allSatisfy((exchange) -> assertThat(exchange.outcome()).isEqualTo(Outcome.TIMED_OUT))
			.allSatisfy((exchange) -> assertThat(exchange.begun()).isLessThan(frozenAt));
		assertThat(failures.size()).as("no more than the frozen worker had in its hands")
			.isLessThanOrEqualTo(frozen.openConnections() + 1);

		app.awaitLine("Worker 2 \\(pid %d\\) is being killed: no heartbeat within timeout \\(20 s\\)"
			.formatted(victim.pid()));
		app.awaitFleet((fleet) -> fleet.whole(3) && !fleet.pids().contains(victim.pid()));
		frozenIdleWorkerIsNotWaitedFor(app, rate(rateBefore));
	}

	/**
	 * With nothing in its hands it looks like the one that should have every connection.
	 */
	private void frozenIdleWorkerIsNotWaitedFor(DemoProcess app, double usualRate) {
		long victim = app.awaitWarm(3).worker(1).pid();
		Processes.freeze(victim);
		Tally tally;
		long from = System.nanoTime();
		try (LoadGenerator.Load load = app.load().start(0, CLIENTS, "/io?ms=200")) {
			measure(load);
			tally = load.stop();
		}
		tally.print("SIGSTOP of an idle worker 1 of 3, then the same load");
		double ratio = rate(tally) / usualRate;
		Figures.print("  %.1f/s (median %d ms): ratio %.2f", rate(tally), tally.percentile(0.5).toMillis(), ratio);
		tally.assertAllOk(tally.size());
		assertThat(ratio).as("rate of the others").isGreaterThan(0.75);
		assertThat(longestGap(tally, from, victim)).as("longest time without an answer of the others")
			.isLessThan(LONGEST_GAP);
	}

	/**
	 * Return the next 200 requests of a load.
	 */
	private static Tally measure(LoadGenerator.Load load) {
		long from = System.nanoTime();
		await("200 more requests").atMost(DemoProcess.PATIENCE)
			.until(() -> load.soFar().only((exchange) -> exchange.ended() > from).size() >= 200);
		return load.soFar().only((exchange) -> exchange.ended() > from);
	}

	/**
	 * Return the usual rate: the median over every four rounds of all clients, so that a
	 * pause of the machine does not count.
	 */
	private static double rate(Tally tally) {
		int span = 4 * CLIENTS;
		long[] ended = tally.only(Exchange::ok).exchanges().stream().mapToLong(Exchange::ended).sorted().toArray();
		long[] times = IntStream.range(span, ended.length)
			.mapToLong((i) -> ended[i] - ended[i - span])
			.sorted()
			.toArray();
		return span * 1e9 / times[times.length / 2];
	}

	/**
	 * Return the longest time in which no answer of any other worker came.
	 */
	private static Duration longestGap(Tally tally, long from, long victim) {
		long[] ended = tally.only((exchange) -> exchange.ok() && exchange.served().pid() != victim)
			.exchanges()
			.stream()
			.mapToLong(Exchange::ended)
			.sorted()
			.toArray();
		long longest = 0;
		long last = from;
		for (long end : ended) {
			longest = Math.max(longest, end - last);
			last = end;
		}
		Figures.print("  longest time without an answer of the others: %d ms", longest / 1_000_000);
		return Duration.ofNanos(longest);
	}

	@Test
	void noWorkerOutlivesAKilledArbiter(@TempDir Path runDirectory, @TempDir Path files) throws IOException {
		DemoProcess app = this.apps.start(Launch.faults(2, "gevent")
			.arguments("--tomcorn.graceful-timeout=" + GRACEFUL_SECONDS + "s",
					"--tomcorn.run-directory=" + runDirectory));
		Set<Long> workers = app.awaitWhole(2).pids();
		assertThat(runDirectory).isNotEmptyDirectory();
		assertThat(app.tree()).containsAll(workers).hasSize(3);

		Path release = files.resolve("release");
		List<CompletableFuture<Exchange>> shorter = List.of(app.load().send("/held?until=" + release),
				app.load().send("/held?until=" + release));
		CompletableFuture<Exchange> longer = app.load().send("/io?ms=50000");
		app.awaitFleet((fleet) -> fleet.workers().stream().mapToInt(Fleet.Worker::activeRequests).sum() == 4);
		int port = app.port();
		// Deleting the run directory cannot succeed while the application still runs
		Path obstacle = Files.createDirectory(onlyChild(runDirectory).resolve("obstacle"));
		long killedAt = System.nanoTime();
		app.signal("KILL");
		await("first deletions").atMost(DemoProcess.PATIENCE)
			.until(() -> app.lines("The arbiter is gone: draining and ending").size() == 2);
		// A worker with nothing in its hands may have ended by now, but not the one with
		// the long request
		assertThat(app.tree()).as("workers that drain").isNotEmpty();
		Files.delete(obstacle);
		Files.createFile(release);
		await("end of every worker").atMost(DemoProcess.PATIENCE).until(() -> app.tree().isEmpty());
		Duration took = Duration.ofNanos(System.nanoTime() - killedAt);
		Tally tally = new Tally(shorter.stream().map(CompletableFuture::join).toList())
			.print("kill -9 of the arbiter, requests shorter than the graceful timeout of " + GRACEFUL_SECONDS + " s");
		Figures.print("  the last worker was gone after %.1f s; a request of 50 s ended %s after %.1f s",
				took.toMillis() / 1000.0, longer.join().outcome(), longer.join().took().toMillis() / 1000.0);
		tally.assertAllOk(2);
		assertThat(longer.join().ok()).isFalse();
		// It drains for the graceful timeout and may then take 5 s to close the
		// application
		assertThat(took).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(GRACEFUL_SECONDS + 5 + 7));
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
