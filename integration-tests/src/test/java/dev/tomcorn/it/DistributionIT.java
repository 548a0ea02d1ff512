package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * How connections spread over the workers, and how every worker shows all of them. At the
 * end of the fleet, requests that take too long.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DistributionIT {

	private static final int WORKERS = Boolean.getBoolean("chaos.full") ? 5 : 2;

	/**
	 * A worker that gets no CPU for a while leaves connections to the others. So one of
	 * several rounds must be even.
	 */
	private static final int ROUNDS = 5;

	@RegisterExtension
	static final DemoApps apps = new DemoApps();

	@TempDir
	private static Path directory;

	private static DemoProcess app;

	private static FleetBoard board;

	@BeforeAll
	static void start() throws IOException {
		Path runDirectory = Files.createDirectory(directory.resolve("run"));
		app = apps.start(Launch.faults(WORKERS, "gevent")
			.arguments(WatchedRequests.ARGUMENTS)
			.arguments("--tomcorn.run-directory=" + runDirectory));
		app.awaitWarm(WORKERS);
		board = FleetBoard.in(runDirectory);
	}

	@BeforeEach
	void awaitWhole() {
		app.awaitWhole(WORKERS);
	}

	/**
	 * Every worker counts its own connections, so its share is exact except for those on
	 * their way.
	 */
	@ParameterizedTest
	@CsvSource({ "20, 2", "100, 5" })
	void simultaneousRequestsSpreadEvenlyAndRunAllAtOnce(int share, int tolerance) throws IOException {
		int requests = share * WORKERS;
		SortedMap<Long, Integer> running;
		int round = 0;
		do {
			Path release = directory.resolve("release-%d-%d".formatted(requests, ++round));
			List<CompletableFuture<Exchange>> held = IntStream.range(0, requests)
				.mapToObj((i) -> load().send("/held?until=" + release))
				.toList();
			await("all requests at once").atMost(DemoProcess.PATIENCE)
				.pollInterval(DemoProcess.POLL_INTERVAL)
				.until(() -> sum(board.runningByPid().values()) == requests);
			running = board.runningByPid();
			Files.createFile(release);
			Tally tally = new Tally(held.stream().map(CompletableFuture::join).toList())
				.print("%d simultaneous requests on new connections, %d gevent workers, round %d".formatted(requests,
						WORKERS, round));
			tally.assertAllOk(requests);
			assertThat(tally.exchanges()).allMatch(
					(exchange) -> exchange.served().virtual() && exchange.served().workerClass().equals("gevent"));
			assertThat(tally.byPid()).as("who answers is who ran it").isEqualTo(running);
		}
		while (!even(running.values(), tolerance) && round < ROUNDS);
		assertThat(running.values()).as("requests of each worker").matches((counts) -> even(counts, tolerance));
	}

	private static LoadGenerator load() {
		return new LoadGenerator(app.port(), DemoProcess.PATIENCE);
	}

	private static int sum(Collection<Integer> counts) {
		return counts.stream().mapToInt(Integer::intValue).sum();
	}

	private static boolean even(Collection<? extends Integer> counts, int tolerance) {
		return counts.size() == WORKERS && Collections.max(counts) - Collections.min(counts) <= tolerance;
	}

	@Test
	void keptConnectionsSpreadEvenlyAndEachStaysWithItsWorker() {
		int connections = 20 * WORKERS;
		SortedMap<Integer, Integer> held;
		int round = 0;
		do {
			awaitWhole();
			held = keptConnections(connections);
		}
		while (!even(held.values(), 2) && ++round < ROUNDS);
		assertThat(held.values()).as("connections of each worker").matches((counts) -> even(counts, 2));
	}

	private static SortedMap<Integer, Integer> keptConnections(int number) {
		Fleet[] during = new Fleet[1];
		List<Tally> connections = load().connections(number, 3, "/io?ms=50", () -> during[0] = app.fleet());
		Tally all = new Tally(connections.stream().flatMap((tally) -> tally.exchanges().stream()).toList());
		all.print("%d kept connections with 3 requests each, %d gevent workers".formatted(number, WORKERS));
		all.assertAllOk(3 * number);
		SortedMap<Integer, Integer> held = new TreeMap<>();
		for (Tally connection : connections) {
			assertThat(connection.byWorker()).as("workers of one connection").hasSize(1);
			held.merge(connection.byWorker().firstKey(), 1, Integer::sum);
		}
		Map<Integer, Integer> shown = during[0].workers()
			.stream()
			.collect(Collectors.toMap(Fleet.Worker::index, Fleet.Worker::openConnections));
		Figures.print("connections held by worker %s, as the endpoint shows them (its own included) %s", held, shown);
		held.forEach((worker, count) -> assertThat(shown.get(worker)).isBetween(count, count + 1));
		return held;
	}

	@Test
	void everyWorkerShowsTheWholeFleet() throws Exception {
		List<HttpConnection> connections = new ArrayList<>();
		SortedMap<Integer, Fleet> answers = new TreeMap<>();
		try {
			while (answers.size() < WORKERS && connections.size() < 20 * WORKERS) {
				HttpConnection connection = new HttpConnection(app.port(), DemoProcess.PATIENCE);
				connections.add(connection);
				int worker = Exchange.answered(connection.get("/whoami"), null, 0).served().worker();
				answers.put(worker, DemoProcess.fleet(connection.get("/actuator/workers").body()));
			}
		}
		finally {
			connections.forEach(HttpConnection::close);
		}
		Figures.print("%d connections reached the workers %s", connections.size(), answers.keySet());
		assertThat(answers).hasSize(WORKERS);
		assertThat(answers.values()).allSatisfy((fleet) -> {
			assertThat(fleet.workerClass()).isEqualTo("gevent");
			assertThat(fleet.pids()).hasSize(WORKERS).isEqualTo(answers.get(0).pids());
			assertThat(fleet.arbiter()).isNotNull().satisfies((arbiter) -> {
				assertThat(arbiter.pid()).isEqualTo(app.pid());
				assertThat(arbiter.generation()).isOne();
				assertThat(arbiter.targetWorkers()).isEqualTo(WORKERS);
				assertThat(arbiter.startedAt()).isBefore(fleet.worker(0).startedAt());
			});
			assertThat(fleet.workers()).extracting(Fleet.Worker::index)
				.containsExactlyElementsOf(IntStream.range(0, WORKERS).boxed().toList());
			assertThat(fleet.workers()).allSatisfy((worker) -> {
				assertThat(worker.state()).isEqualTo("READY");
				assertThat(worker.generation()).isOne();
				assertThat(worker.age()).isBetween(1L, (long) WORKERS);
				assertThat(worker.bootMillis()).isPositive();
				assertThat(worker.heartbeatAgeMillis()).isNotNegative();
			});
			assertThat(fleet.worker(0).startedAt().plusMillis(fleet.worker(0).bootMillis()))
				.as("the first worker was ready before the others were spawned")
				.isBeforeOrEqualTo(fleet.worker(1).startedAt());
		});
	}

	@Test
	void metersShowTheFleet() {
		assertMeter("tomcorn.workers?tag=state:ready", WORKERS);
		assertMeter("tomcorn.workers?tag=state:starting", 0);
		assertMeter("tomcorn.requests.active", 1);
		assertMeter("tomcorn.connections.open", 1);
	}

	@Test
	@Order(Integer.MAX_VALUE)
	void figuresAgreeWithTheLoadAndRequestsThatTakeTooLongAreSeenAndInterrupted() throws Exception {
		for (int workers = WORKERS; workers > 2;) {
			app.signal("TTOU");
			app.awaitWhole(--workers);
		}
		new WatchedRequests(app, board, Files.createDirectory(directory.resolve("files"))).check();
	}

	private static void assertMeter(String meter, int value) {
		// A connection that its client has closed stays open for a moment
		await(meter).atMost(DemoProcess.PATIENCE)
			.pollDelay(Duration.ZERO)
			.untilAsserted(
					() -> assertThat(app.get("/actuator/metrics/" + meter)).contains("\"value\":%d.0".formatted(value))
						.containsPattern("\"description\":\"\\w+"));
	}

}
