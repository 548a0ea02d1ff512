package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * One worker and no arbiter: the application in the JVM that the user started. It tests
 * how many requests a worker of each class runs at once, how it treats a connection, and
 * what it does at TERM. {@link DistributionIT} shows what a gevent worker runs without a
 * limit.
 */
class SoloIT {

	private static final int EXIT_BY_TERM = 128 + 15;

	private static final int LOOKS = 10;

	private static final int QUEUE = 500;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	/**
	 * HTTP/2 is requested only to see the warning of the contradiction.
	 */
	@Test
	void syncRunsOneAtATimeAndServesWhatWaitsInTheKernelsQueue(@TempDir Path directory) throws IOException {
		DemoProcess app = this.apps
			.start(Launch.faults(1, "sync").arguments("--server.http2.enabled=true", HeldRequest.PATIENCE));
		awaitReadyAndAlone(app);
		assertThat(app.lines("server.http2.enabled has no effect with the worker class sync")).hasSize(1);
		Tally tally = answerInTurn(app, 1, 3).print("1 sync worker");
		assertServedBy("sync", tally);
		try (HttpConnection connection = new HttpConnection(app.port(), DemoProcess.PATIENCE)) {
			assertThat(connection.get("/whoami").closes()).as("a connection carries one request").isTrue();
		}
		servesWhatWaitsInTheKernelsQueueAtTerm(app, directory.resolve("release"));
	}

	@Test
	void gthreadRunsAsManyAsItHasThreadsAndLosesNoRequestOnAKeptConnection() throws IOException {
		DemoProcess app = this.apps
			.start(Launch.faults(1, "gthread").arguments("--tomcorn.threads=4", HeldRequest.PATIENCE));
		awaitReadyAndAlone(app);
		Tally tally = answerInTurn(app, 4, 4).print("1 gthread worker with 4 threads");
		assertThat(tally.exchanges().stream().map((exchange) -> exchange.served().thread()).distinct()).hasSize(4);
		assertServedBy("gthread", tally);
		try (HttpConnection connection = new HttpConnection(app.port(), DemoProcess.PATIENCE)) {
			for (int i = 0; i < 5; i++) {
				assertThat(connection.get("/whoami").closes()).isFalse();
			}
		}
		losesNoRequestOnAKeptConnectionAtTerm(app);
	}

	@Test
	void geventRunsNoMoreThanWorkerConnectionsAndAnswersWhatIsNotDoneInTime() throws IOException {
		DemoProcess app = this.apps.start(Launch.faults(1, "virtual")
			.arguments("--tomcorn.worker-connections=4", "--tomcorn.graceful-timeout=2s", HeldRequest.PATIENCE));
		awaitReadyAndAlone(app);
		answerInTurn(app, 4, 4).print("1 gevent worker with 4 worker connections");
		answersWhatIsNotDoneInTimeAtTerm(app);
	}

	private static void awaitReadyAndAlone(DemoProcess app) {
		Fleet fleet = app.awaitWhole(1);
		assertThat(fleet.arbiter()).isNull();
		assertThat(app.get("/actuator/workers")).contains("\"arbiter\":null");
		assertThat(fleet.worker(0).pid()).isEqualTo(app.pid());
		assertThat(app.tree()).containsExactly(app.pid());
		assertThat(app.lines("Arbiter")).isEmpty();
	}

	private static void servesWhatWaitsInTheKernelsQueueAtTerm(DemoProcess app, Path release) throws IOException {
		CompletableFuture<Tally> answers = CompletableFuture
			.supplyAsync(() -> app.load().simultaneous(QUEUE, "/held?until=" + release));
		await("connections in the queue").atMost(DemoProcess.PATIENCE)
			.pollInterval(Duration.ofMillis(20))
			.until(() -> TcpTable.waiting(app.port()) >= QUEUE - 10);
		int queued = TcpTable.waiting(app.port());
		app.signal("TERM");
		await("begin of the drain").atMost(DemoProcess.PATIENCE).until(() -> !TcpTable.listening(app.port()));
		Files.createFile(release);
		assertThat(app.awaitExit()).isEqualTo(EXIT_BY_TERM);
		Tally tally = answers.join().print("TERM solo, sync, %d connections in the kernel's queue".formatted(queued));
		tally.assertAllOk(QUEUE);
	}

	private static void losesNoRequestOnAKeptConnectionAtTerm(DemoProcess app) {
		long stoppedAt;
		Tally tally;
		try (LoadGenerator.Load load = app.load().start(12, 4, "/io?ms=300")) {
			await("load").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().size() > 40);
			stoppedAt = System.nanoTime();
			app.signal("TERM");
			assertThat(app.awaitExit()).isEqualTo(EXIT_BY_TERM);
			tally = load.stop();
		}
		tally.print("TERM solo, gthread, 12 kept and 4 new connections at a time");
		Tally ofKept = tally.only((exchange) -> exchange.before() != null);
		Tally ofNew = tally.only((exchange) -> exchange.before() == null);
		Figures.print("  on kept connections: %s", ofKept);
		Figures.print("  on new connections: %s", ofNew);
		assertThat(ofKept.size()).isPositive();
		ofKept.assertAllOk(ofKept.size());
		assertThat(tally.count(Outcome.TIMED_OUT) + tally.count(Outcome.WRONG_ANSWER)
				+ tally.count(Outcome.CLOSED_UNANSWERED))
			.isZero();
		// Connections in the kernel's queue are reset with the listening socket
		assertThat(ofNew.failures().exchanges()).allMatch((exchange) -> exchange.ended() > stoppedAt);
	}

	private static void answersWhatIsNotDoneInTimeAtTerm(DemoProcess app) throws IOException {
		LateRequests late = new LateRequests(connect(app), connect(app), connect(app)).send("");
		app.awaitFleet((fleet) -> fleet.worker(0).activeRequests() > LateRequests.COUNT);
		app.signal("TERM");
		late.assertAnsweredWhereThatIsPossible();
		assertThat(app.awaitExit()).isEqualTo(EXIT_BY_TERM);
		assertThat(app.output()).doesNotContain("OutOfMemoryError");
	}

	private static HttpConnection connect(DemoProcess app) throws IOException {
		return new HttpConnection(app.port(), DemoProcess.PATIENCE);
	}

	/**
	 * Send requests that end on demand. Some are taken and the others wait in the
	 * kernel's queue. Each is answered while all the others that were taken are still
	 * held, so they run at once. Then the first of the queue is taken.
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
			assertThat(TcpTable.taken(app.port())).as("in the worker's hands").isEqualTo(taken);
			return looks.incrementAndGet() == LOOKS;
		});
	}

	private static void assertServedBy(String workerClass, Tally tally) {
		assertThat(tally.exchanges()).allMatch(
				(exchange) -> !exchange.served().virtual() && exchange.served().workerClass().equals(workerClass));
	}

}
