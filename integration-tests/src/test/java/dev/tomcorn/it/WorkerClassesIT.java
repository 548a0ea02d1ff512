package dev.tomcorn.it;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What one worker of each class runs at once, and what it does with a connection.
 */
class WorkerClassesIT {

	private static final int ROUNDS = 3;

	private static final int LOOKS = 20;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	/**
	 * HTTP/2 is asked for only to see that the contradiction is told.
	 */
	@Test
	void syncRunsOneAtATimeAndLeavesTheRestInTheKernelsQueue() throws Exception {
		DemoProcess app = this.apps
			.start(Launch.faults(3, "sync").arguments("--server.http2.enabled=true", HeldRequest.PATIENCE));
		app.awaitWarm(3);
		assertThat(app.lines("server.http2.enabled has no effect with the worker class sync")).hasSize(1);

		Duration requestTime = Duration.ofMillis(1500);
		Tally six = waves(app, 6, requestTime, 2, "3 sync workers");
		assertThat(six.byWorker().values()).containsExactly(2, 2, 2);
		assertAtMost(1, six, requestTime);
		assertThat(six.exchanges())
			.allMatch((exchange) -> !exchange.served().virtual() && exchange.served().workerClass().equals("sync"));

		seventhWaitsInTheKernelsQueue(app);

		try (HttpConnection connection = new HttpConnection(app.port(), DemoProcess.PATIENCE)) {
			assertThat(connection.get("/whoami").closes()).as("a connection carries one request").isTrue();
		}
	}

	private void seventhWaitsInTheKernelsQueue(DemoProcess app) throws IOException {
		app.awaitWhole(3);
		Duration requestTime = Duration.ofMillis(1500);
		List<HeldRequest> held = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			held.add(HeldRequest.send(app.port()));
		}
		await("3 requests in the workers' hands").atMost(DemoProcess.PATIENCE)
			.until(() -> TcpTable.taken(app.port()) == 3 && TcpTable.waiting(app.port()) == 0);
		List<CompletableFuture<Exchange>> sent = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			sent.add(app.load().send("/io?ms=1500"));
		}
		await("the others in the queue").atMost(DemoProcess.PATIENCE).until(() -> TcpTable.waiting(app.port()) == 4);
		AtomicInteger looks = new AtomicInteger();
		await("looks").atMost(DemoProcess.PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
			assertThat(TcpTable.waiting(app.port())).as("waiting in the kernel's queue").isEqualTo(4);
			assertThat(TcpTable.taken(app.port())).as("in the workers' hands").isEqualTo(3);
			return looks.incrementAndGet() == LOOKS;
		});
		for (HeldRequest request : held) {
			request.release();
		}
		Tally seven = new Tally(
				Stream.concat(held.stream().map(HeldRequest::answer), sent.stream().map(CompletableFuture::join))
					.toList())
			.print("7 requests, 3 sync workers; 3 taken and 4 in the kernel's queue at each of %d looks"
				.formatted(LOOKS));
		seven.assertAllOk(7);
		assertAtMost(1, seven, requestTime);
		assertThat(seven.byWorker().values()).containsExactlyInAnyOrder(2, 2, 3);
	}

	@Test
	void gthreadRunsAsManyAsItHasThreads() throws Exception {
		DemoProcess app = this.apps.start(Launch.workers(2, "gthread").arguments("--tomcorn.threads=4"));
		app.awaitWarm(2);

		Duration requestTime = Duration.ofMillis(1500);
		Tally tally = waves(app, 16, requestTime, 2, "2 gthread workers with 4 threads");
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
		Tally tally = waves(app, 500, requestTime, 1, "1 gevent worker");
		assertThat(tally.exchanges())
			.allMatch((exchange) -> exchange.served().virtual() && exchange.served().workerClass().equals("gevent"));
		assertKeepsConnections(app);
	}

	@Test
	void geventRunsNoMoreThanWorkerConnections() {
		DemoProcess app = this.apps.start(Launch.workers(1, "virtual").arguments("--tomcorn.worker-connections=4"));
		app.awaitWarm(1);

		Duration requestTime = Duration.ofMillis(1500);
		Tally tally = waves(app, 8, requestTime, 2, "1 gevent worker with 4 worker connections");
		assertAtMost(4, tally, requestTime);
	}

	/**
	 * Send requests at once. All have ended in a number of request times and a good part
	 * of the next, the best of several times: anything may wait for a CPU.
	 */
	private static Tally waves(DemoProcess app, int requests, Duration requestTime, int waves, String workers) {
		Tally tally;
		double times;
		int round = 0;
		do {
			tally = app.load()
				.simultaneous(requests, "/io?ms=" + requestTime.toMillis())
				.print("%d simultaneous requests of %d ms, %s".formatted(requests, requestTime.toMillis(), workers));
			tally.assertAllOk(requests);
			times = (double) tally.duration().toNanos() / requestTime.toNanos();
			Figures.print("  took %.2f request times, so %d wave(s)", times, (int) times);
			assertThat(times).as("request times").isGreaterThanOrEqualTo(waves);
		}
		while (times > waves + 0.95 && ++round < ROUNDS);
		assertThat(times).as("request times").isLessThanOrEqualTo(waves + 0.95);
		return tally;
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
