package dev.tomcorn.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What one worker of each class runs at once, and what it does with a connection.
 */
@Isolated("Drives load or judges how long something takes")
class WorkerClassesIT {

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	/**
	 * HTTP/2 is asked for only to see that the contradiction is told.
	 */
	@Test
	void syncRunsOneAtATimeAndLeavesTheRestInTheKernelsQueue() throws Exception {
		DemoProcess app = this.apps.start(Launch.workers(3, "sync").arguments("--server.http2.enabled=true"));
		app.awaitWarm(3);
		assertThat(app.lines("server.http2.enabled has no effect with the worker class sync")).hasSize(1);

		Duration requestTime = Duration.ofMillis(1500);
		Tally six = app.load()
			.simultaneous(6, "/io?ms=1500")
			.print("6 simultaneous requests of 1500 ms, 3 sync workers");
		six.assertAllOk(6);
		assertWaves(six, 2, requestTime);
		assertThat(six.byWorker().values()).containsExactly(2, 2, 2);
		assertAtMost(1, six, requestTime);
		assertThat(six.exchanges())
			.allMatch((exchange) -> !exchange.served().virtual() && exchange.served().workerClass().equals("sync"));

		seventhWaitsInTheKernelsQueue(app);

		try (HttpConnection connection = new HttpConnection(app.port(), DemoProcess.PATIENCE)) {
			assertThat(connection.get("/whoami").closes()).as("a connection carries one request").isTrue();
		}
	}

	private void seventhWaitsInTheKernelsQueue(DemoProcess app) {
		app.awaitWhole(3);
		Duration requestTime = Duration.ofMillis(4000);
		long begun = System.nanoTime();
		List<CompletableFuture<Exchange>> sent = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			sent.add(app.load().send("/io?ms=4000"));
		}
		await("3 requests in the workers' hands, 3 in the queue")
			.until(() -> TcpTable.taken(app.port()) == 3 && TcpTable.waiting(app.port()) == 3);
		sent.add(app.load().send("/io?ms=4000"));
		await("the seventh in the queue").until(() -> TcpTable.waiting(app.port()) == 4);
		AtomicInteger looks = new AtomicInteger();
		// None of the first three can have ended before
		long end = begun + requestTime.toNanos() * 9 / 10;
		await("the first wave's end").pollInterval(Duration.ofMillis(50)).until(() -> {
			int waiting = TcpTable.waiting(app.port());
			long taken = TcpTable.taken(app.port());
			if (System.nanoTime() > end) {
				return true;
			}
			assertThat(waiting).as("waiting in the kernel's queue").isEqualTo(4);
			assertThat(taken).as("in the workers' hands").isEqualTo(3);
			looks.incrementAndGet();
			return false;
		});
		Tally seven = new Tally(sent.stream().map(CompletableFuture::join).toList())
			.print("7 requests of 4000 ms, 3 sync workers; 3 taken and 4 in the kernel's queue at each of %d looks"
				.formatted(looks.get()));
		seven.assertAllOk(7);
		assertThat(looks).hasPositiveValue();
		assertAtMost(1, seven, requestTime);
		assertThat(seven.byWorker().values()).containsExactlyInAnyOrder(2, 2, 3);
	}

	@Test
	void gthreadRunsAsManyAsItHasThreads() throws Exception {
		DemoProcess app = this.apps.start(Launch.workers(2, "gthread").arguments("--tomcorn.threads=4"));
		app.awaitWarm(2);

		Duration requestTime = Duration.ofMillis(1500);
		Tally tally = app.load()
			.simultaneous(16, "/io?ms=1500")
			.print("16 simultaneous requests of 1500 ms, 2 gthread workers with 4 threads");
		tally.assertAllOk(16);
		assertWaves(tally, 2, requestTime);
		assertThat(tally.byWorker().values()).containsExactly(8, 8);
		assertAtMost(4, tally, requestTime);
		assertThat(tally.groupedByPid())
			.allSatisfy((exchanges) -> assertThat(exchanges).extracting((exchange) -> exchange.served().thread())
				.satisfies((threads) -> assertThat(threads.stream().distinct().count()).isLessThanOrEqualTo(4)));
		assertThat(tally.exchanges())
			.allMatch((exchange) -> !exchange.served().virtual() && exchange.served().workerClass().equals("gthread"));
		assertKeepsConnections(app);
	}

	@Test
	void geventRunsAllAtOnce() throws Exception {
		DemoProcess app = this.apps.start(Launch.workers(1, "gevent"));
		app.awaitWarm(1);

		Duration requestTime = Duration.ofMillis(3000);
		Tally tally = app.load()
			.simultaneous(500, "/io?ms=3000")
			.print("500 simultaneous requests of 3000 ms, 1 gevent worker");
		tally.assertAllOk(500);
		assertWaves(tally, 1, requestTime);
		assertThat(tally.exchanges())
			.allMatch((exchange) -> exchange.served().virtual() && exchange.served().workerClass().equals("gevent"));
		assertKeepsConnections(app);
	}

	@Test
	void geventRunsNoMoreThanWorkerConnections() {
		DemoProcess app = this.apps.start(Launch.workers(1, "virtual").arguments("--tomcorn.worker-connections=4"));
		app.awaitWarm(1);

		Duration requestTime = Duration.ofMillis(1500);
		Tally tally = app.load()
			.simultaneous(8, "/io?ms=1500")
			.print("8 simultaneous requests of 1500 ms, 1 gevent worker with 4 worker connections");
		tally.assertAllOk(8);
		assertWaves(tally, 2, requestTime);
		assertAtMost(4, tally, requestTime);
	}

	/**
	 * All have ended in a number of request times and a good part of the next.
	 */
	private static void assertWaves(Tally tally, int waves, Duration requestTime) {
		double times = (double) tally.duration().toNanos() / requestTime.toNanos();
		Figures.print("  took %.2f request times, so %d wave(s)", times, (int) times);
		assertThat(times).as("request times").isBetween((double) waves, waves + 0.95);
	}

	/**
	 * Of more than a certain number of requests that one worker ran, the last began after
	 * the first had ended.
	 */
	private static void assertAtMost(int atOnce, Tally tally, Duration requestTime) {
		for (List<Exchange> ofWorker : tally.groupedByPid()) {
			for (int i = 0; i + atOnce < ofWorker.size(); i++) {
				Duration apart = Duration.ofNanos(ofWorker.get(i + atOnce).ended() - ofWorker.get(i).ended());
				assertThat(apart).as("time between the ends of requests of one worker")
					.isGreaterThan(requestTime.dividedBy(2));
			}
		}
	}

	private static void assertKeepsConnections(DemoProcess app) throws Exception {
		try (HttpConnection connection = new HttpConnection(app.port(), DemoProcess.PATIENCE)) {
			for (int i = 0; i < 5; i++) {
				assertThat(connection.get("/whoami").closes()).isFalse();
			}
		}
	}

}
