package dev.tomcorn.it;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What workers of each class run at once, and what they do with a connection. What a
 * gevent worker runs without a limit is seen where requests spread.
 */
class WorkerClassesIT {

	private static final int LOOKS = 10;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	/**
	 * HTTP/2 is asked for only to see that the contradiction is told.
	 */
	@Test
	void syncRunsOneAtATimeAndLeavesTheRestInTheKernelsQueue() throws Exception {
		DemoProcess app = this.apps
			.start(Launch.faults(2, "sync").arguments("--server.http2.enabled=true", HeldRequest.PATIENCE));
		app.awaitWhole(2);
		assertThat(app.lines("server.http2.enabled has no effect with the worker class sync")).hasSize(1);
		Tally tally = answerInTurn(app, 2, 3).print("2 sync workers");
		assertThat(tally.byWorker().keySet()).containsExactly(0, 1);
		assertServedBy("sync", tally);
		try (HttpConnection connection = new HttpConnection(app.port(), DemoProcess.PATIENCE)) {
			assertThat(connection.get("/whoami").closes()).as("a connection carries one request").isTrue();
		}
	}

	@Test
	void gthreadRunsAsManyAsItHasThreads() throws Exception {
		DemoProcess app = this.apps
			.start(Launch.faults(1, "gthread").arguments("--tomcorn.threads=4", HeldRequest.PATIENCE));
		app.awaitWhole(1);
		Tally tally = answerInTurn(app, 4, 4).print("1 gthread worker with 4 threads");
		assertThat(tally.exchanges().stream().map((exchange) -> exchange.served().thread()).distinct()).hasSize(4);
		assertServedBy("gthread", tally);
		try (HttpConnection connection = new HttpConnection(app.port(), DemoProcess.PATIENCE)) {
			for (int i = 0; i < 5; i++) {
				assertThat(connection.get("/whoami").closes()).isFalse();
			}
		}
	}

	@Test
	void geventRunsNoMoreThanWorkerConnections() throws Exception {
		DemoProcess app = this.apps
			.start(Launch.faults(1, "virtual").arguments("--tomcorn.worker-connections=4", HeldRequest.PATIENCE));
		app.awaitWhole(1);
		answerInTurn(app, 4, 4).print("1 gevent worker with 4 worker connections");
	}

	/**
	 * Send requests that end when they are told to. So many are taken and the others wait
	 * in the kernel's queue, and each is answered while all the others that were taken
	 * are still held: so they run at once. The first of the queue comes after it.
	 */
	private static Tally answerInTurn(DemoProcess app, int atOnce, int more) throws IOException {
		Deque<HeldRequest> taken = new ArrayDeque<>();
		Deque<HeldRequest> queued = new ArrayDeque<>();
		List<Exchange> answers = new ArrayList<>();
		try {
			send(app, atOnce, taken);
			awaitPlaces(app, atOnce, 0);
			send(app, more, queued);
			awaitPlaces(app, atOnce, more);
			assertPlacesStay(app, atOnce, more);
			while (!taken.isEmpty()) {
				HeldRequest last = taken.removeLast();
				answers.add(last.release().answer());
				if (!queued.isEmpty()) {
					taken.addLast(queued.removeFirst());
				}
				awaitPlaces(app, taken.size(), queued.size());
			}
		}
		finally {
			taken.forEach(HeldRequest::close);
			queued.forEach(HeldRequest::close);
		}
		Tally tally = new Tally(answers);
		tally.assertAllOk(atOnce + more);
		return tally;
	}

	private static void send(DemoProcess app, int requests, Deque<HeldRequest> held) throws IOException {
		for (int i = 0; i < requests; i++) {
			held.addLast(HeldRequest.send(app.port()));
		}
	}

	private static void awaitPlaces(DemoProcess app, int taken, int waiting) {
		await("%d requests taken, %d in the kernel's queue".formatted(taken, waiting)).atMost(DemoProcess.PATIENCE)
			.pollDelay(Duration.ZERO)
			.until(() -> TcpTable.taken(app.port()) == taken && TcpTable.waiting(app.port()) == waiting);
	}

	private static void assertPlacesStay(DemoProcess app, int taken, int waiting) {
		AtomicInteger looks = new AtomicInteger();
		await("looks").atMost(DemoProcess.PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
			assertThat(TcpTable.waiting(app.port())).as("waiting in the kernel's queue").isEqualTo(waiting);
			assertThat(TcpTable.taken(app.port())).as("in the workers' hands").isEqualTo(taken);
			return looks.incrementAndGet() == LOOKS;
		});
	}

	private static void assertServedBy(String workerClass, Tally tally) {
		assertThat(tally.exchanges()).allMatch(
				(exchange) -> !exchange.served().virtual() && exchange.served().workerClass().equals(workerClass));
	}

}
