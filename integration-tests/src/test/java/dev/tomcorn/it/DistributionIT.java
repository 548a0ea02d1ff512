package dev.tomcorn.it;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * How connections spread over the workers, and how every worker shows all of them.
 */
@Execution(ExecutionMode.SAME_THREAD)
class DistributionIT {

	private static final int WORKERS = 5;

	@RegisterExtension
	static final DemoApps apps = new DemoApps();

	private static DemoProcess app;

	@BeforeAll
	static void start() {
		app = apps
			.start(Launch.packagedJar().arguments("--tomcorn.workers=" + WORKERS, "--tomcorn.worker-class=gevent"));
		app.awaitWarm(WORKERS);
	}

	@BeforeEach
	void awaitWhole() {
		app.awaitWhole(WORKERS);
	}

	@ParameterizedTest
	@CsvSource({ "100, 2", "1000, 10" })
	void simultaneousRequestsSpreadEvenly(int requests, int tolerance) {
		// Long enough for the last to come before the first has ended, even if that takes
		// seconds
		Tally tally = app.load().simultaneous(requests, "/io?ms=4000");
		tally.print(requests + " simultaneous requests of 4000 ms on new connections, 5 gevent workers");
		tally.assertAllOk(requests);
		assertEven(requests / WORKERS, tolerance, tally.byWorker());
	}

	@Test
	void keptConnectionsSpreadEvenly() {
		Fleet[] during = new Fleet[1];
		List<Tally> connections = app.load().connections(100, 20, "/io?ms=50", () -> during[0] = app.fleet());
		Tally all = new Tally(connections.stream().flatMap((tally) -> tally.exchanges().stream()).toList());
		all.print("100 kept connections with 20 requests each, 5 gevent workers");
		all.assertAllOk(2000);
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
		assertEven(100 / WORKERS, 2, held);
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
			assertThat(fleet.workers()).extracting(Fleet.Worker::index).containsExactly(0, 1, 2, 3, 4);
			assertThat(fleet.workers()).allSatisfy((worker) -> {
				assertThat(worker.state()).isEqualTo("READY");
				assertThat(worker.generation()).isOne();
				assertThat(worker.age()).isBetween(1L, (long) WORKERS);
				assertThat(worker.bootMillis()).isPositive();
				assertThat(worker.heartbeatAgeMillis()).isBetween(0L, 10_000L);
			});
			assertThat(fleet.worker(0).startedAt().plusMillis(fleet.worker(0).bootMillis()))
				.as("the first worker was ready before the others were spawned")
				.isBeforeOrEqualTo(fleet.worker(1).startedAt());
		});
	}

	@ParameterizedTest
	@CsvSource({ "tomcorn.workers, 'tag=state:ready', 5.0", "tomcorn.workers, 'tag=state:starting', 0.0",
			"tomcorn.requests.active, '', 1.0", "tomcorn.connections.open, '', 1.0" })
	void metersShowTheFleet(String meter, String query, String expected) {
		// A connection that its client has closed is open for a moment more
		await("meter").atMost(DemoProcess.PATIENCE)
			.untilAsserted(() -> assertThat(app.get("/actuator/metrics/" + meter + "?" + query))
				.contains("\"value\":" + expected)
				.containsPattern("\"baseUnit\":\"\\w+\""));
	}

	private static void assertEven(int share, int tolerance, SortedMap<Integer, Integer> byWorker) {
		assertThat(byWorker).as("share of each worker, to be %d, give or take %d", share, tolerance)
			.matches((counts) -> even(counts, share, tolerance));
	}

	private static boolean even(Map<Integer, Integer> byWorker, int share, int tolerance) {
		return byWorker.size() == WORKERS
				&& byWorker.values().stream().allMatch((count) -> Math.abs(count - share) <= tolerance);
	}

}
