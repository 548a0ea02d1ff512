package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The effect of a drain on each kind of connection and request. {@link SoloIT} and
 * {@link ServerSettingsIT} show requests that do not end in time.
 */
class DrainIT {

	private static final int OK = 200;

	private static final int SWITCHING_PROTOCOLS = 101;

	private static final int GOING_AWAY = 1001;

	private static final int WORKERS_AFTER_THE_DRAIN = 1;

	/**
	 * A drain closes a connection that has been silent for this time.
	 */
	private static final Duration SILENCE = Duration.ofSeconds(2);

	/**
	 * Longer than a test waits: an unnecessary delay of a drain fails the test.
	 */
	private static final String SECONDS = 5 * DemoProcess.PATIENCE.toSeconds() + "s";

	/**
	 * Only the drain closes a connection, and a drain that waits hangs.
	 */
	private static final String[] LONG = { "--tomcorn.graceful-timeout=" + SECONDS,
			"--server.tomcat.connection-timeout=" + SECONDS, "--server.tomcat.keep-alive-timeout=" + SECONDS,
			"--server.http2.enabled=true" };

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@TempDir
	Path directory;

	@Test
	void retiredWorkerFinishesWhatIsUnderWayReloadsLoseNothingAndTheSecondIntWaitsForNothing() throws Exception {
		TestTls tls = TestTls.create(this.directory);
		DrainedWorker worker = DrainedWorker.start(this.apps, true, tls, LONG);
		whatIsUnderWayIsFinishedAndWhatIsIdleIsNotWaitedFor(worker);
		if (!Boolean.getBoolean("chaos.full")) {
			ReloadIT.reloadsLoseNoRequest(worker.app(), WORKERS_AFTER_THE_DRAIN, tls, this.table);
		}
		secondIntKillsAtOnce(worker.app(), worker.state().worker(0).pid());
	}

	@Test
	void soloApplicationFinishesWhatIsUnderWay() throws Exception {
		whatIsUnderWayIsFinishedAndWhatIsIdleIsNotWaitedFor(DrainedWorker.start(this.apps, false, null, LONG));
	}

	/**
	 * Clients of every kind and protocol at once, each with a request in flight or idle.
	 */
	private void whatIsUnderWayIsFinishedAndWhatIsIdleIsNotWaitedFor(DrainedWorker worker) throws Exception {
		Clients clients = new Clients(worker);
		Path release = this.directory.resolve("release");
		String held = HttpConnection.request("GET", "/held?until=" + release);
		WebSocketClient chat = chatWith(worker);
		List<HttpConnection> kept = worker.connect(19);
		List<HttpConnection> idle = kept.subList(13, 18);
		List<HttpConnection> silent = new ArrayList<>();
		List<Http2Connection> http2 = worker.connectHttp2(2);
		Http2Connection busyHttp2 = http2.get(0);
		Http2Connection idleHttp2 = http2.get(1);
		HttpConnection partOfAHeader = kept.get(18);
		partOfAHeader.send("GET /whoami HTTP/1.1\r\nHost: loc");
		HttpConnection deaf = kept.get(11);
		deaf.send(HttpConnection.request("GET", "/ws", "Connection: Upgrade", "Upgrade: websocket",
				"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
		assertThat(deaf.receive().status()).isEqualTo(SWITCHING_PROTOCOLS);
		HttpConnection inFlight = kept.get(0);
		inFlight.send(held);
		HttpConnection upload = kept.get(3);
		upload.send(HttpConnection.request("POST", "/echo", "Content-Type: application/octet-stream",
				"Content-Length: 300000") + "x".repeat(100_000));
		HttpConnection expecting = kept.get(4);
		expecting.send(HttpConnection.request("POST", "/echo", "Content-Type: application/octet-stream",
				"Content-Length: 10", "Expect: 100-continue"));
		HttpConnection endless = kept.get(8);
		endless.send(HttpConnection.request("GET", "/events?ms=100"));
		CompletableFuture<String> streamInFlight = busyHttp2.get("/held?until=" + release);
		worker.awaitActive(5);
		HttpConnection deferred = kept.get(5);
		deferred.send(HttpConnection.request("GET", "/deferred?ms=2500"));
		HttpConnection streamed = kept.get(6);
		streamed.send(HttpConnection.request("GET", "/stream?lines=30&ms=100"));
		HttpConnection answerInEvents = kept.get(7);
		answerInEvents.send(HttpConnection.request("POST", "/events?count=30&ms=100", "Content-Length: 0"));
		HttpConnection soonAgain = kept.get(9);
		HttpConnection laterAgain = kept.get(10);
		HttpConnection lateReader = kept.get(12);
		lateReader.send(HttpConnection.request("GET", "/stream?lines=2000&ms=0"));
		CompletableFuture<String> deferredStream = busyHttp2.get("/deferred?ms=2500");
		long silentSince = System.nanoTime();
		for (int i = 0; i < 4; i++) {
			silent.add(new HttpConnection(worker.openSilently()));
		}
		assertThat(soonAgain.get("/whoami").closes()).isFalse();
		assertThat(laterAgain.get("/whoami").closes()).isFalse();
		assertThat(chat.socket().sendText("600", true)).succeedsWithin(DemoProcess.PATIENCE);
		HttpConnection pipelined = kept.get(1);
		pipelined.send(held + HttpConnection.request("GET", "/io?ms=300").repeat(4));
		HttpConnection longPipeline = kept.get(2);
		longPipeline.send(held + HttpConnection.request("GET", "/io?ms=5", "Padding: " + "x".repeat(500)).repeat(60));
		worker.drain();
		worker.awaitDraining();
		// The final one does not follow while a request is held
		await("first GOAWAY").atMost(DemoProcess.PATIENCE)
			.pollInterval(Duration.ofMillis(10))
			.until(() -> !busyHttp2.goAways().isEmpty());
		// Like a client that has not read the GOAWAY yet
		CompletableFuture<String> lateStream = busyHttp2.get("/whoami");
		// Not earlier, because the request might not be in flight yet
		Files.createFile(release);

		clients.add("request in flight, and one after it", () -> {
			assertThat(inFlight.receive().status()).isEqualTo(OK);
			return answeredAndClosed(inFlight.get("/whoami"));
		});
		clients.add("5 pipelined requests", () -> allAnsweredAndLastClosed(pipelined, 5));
		clients.add("61 pipelined requests, 36 KB", () -> allAnsweredAndLastClosed(longPipeline, 61));
		clients.add("upload of 300 KB over 3 s", () -> {
			for (int i = 0; i < 10; i++) {
				thinkFor(300);
				upload.send("x".repeat(20_000));
			}
			HttpConnection.Response response = upload.receive();
			assertThat(response.body()).contains("\"length\":300000");
			return "answered";
		});
		clients.add("upload after 100-continue", () -> {
			assertThat(expecting.receive().status()).isEqualTo(100);
			thinkFor(1000);
			expecting.send("0123456789");
			assertThat(expecting.receive().body()).contains("\"length\":10");
			return "answered";
		});
		clients.add("deferred result", () -> answered(deferred.receive()));
		clients.add("chunked answer over 3 s", () -> {
			assertThat(streamed.receive().body()).hasLineCount(30);
			return "complete";
		});
		clients.add("answer read when the process is gone", () -> {
			worker.awaitEnd();
			assertThat(lateReader.receive().body()).hasLineCount(2000);
			return "complete";
		});
		clients.add("POST answered in 30 events", () -> {
			assertThat(answerInEvents.receive().body()).contains("event 30");
			return "complete";
		});
		clients.add("endless events", () -> {
			assertThat(endless.receive().body()).contains("event 1");
			return "ended with the last chunk";
		});
		clients.add("kept connection, next request after 0.5 s", () -> {
			thinkFor(500);
			return askedInTime(soonAgain, silentSince, DrainIT::answeredAndClosed);
		});
		clients.add("kept connection, next request after 1.2 s", () -> {
			thinkFor(1200);
			return askedInTime(laterAgain, silentSince, DrainIT::answeredAndClosed);
		});
		for (HttpConnection connection : silent) {
			clients.add("new connection, first request after 0.5 s", () -> {
				thinkFor(500);
				return askedInTime(connection, silentSince, DrainIT::answered);
			});
		}
		idle.forEach((connection) -> clients.add("kept connection without a request", () -> closedUnasked(connection)));
		clients.add("part of a header", () -> closedUnasked(partOfAHeader));
		clients.add("HTTP/2 streams in flight, and one opened after the first GOAWAY", () -> {
			assertThat(List.of(streamInFlight.join(), deferredStream.join(), lateStream.join()))
				.allSatisfy((answer) -> assertThat(answer).contains("\"pid\":" + worker.pid()));
			return "answered";
		});
		clients.add("HTTP/2 connection with streams", () -> endedBy(busyHttp2, 7));
		clients.add("HTTP/2 connection without streams", () -> endedBy(idleHttp2, 1));
		clients.add("WebSocket", () -> {
			int code = chat.closed().join();
			assertThat(chat.received()).contains("600");
			assertThat(code).isEqualTo(GOING_AWAY);
			return "message before the drain echoed, closed with " + code;
		});
		Map<String, String> outcomes = clients.finish();
		worker.awaitEnd();
		Figures.print("drain of everything at once, %s: process gone after %.1f s", worker, clients.seconds());
		outcomes.forEach((client, outcome) -> Figures.print("  %-65s %s", client, outcome));
		assertThat(outcomes.values()).noneMatch((outcome) -> outcome.startsWith("FAILED"));
		assertThat(worker.app().output()).doesNotContain("Graceful timeout passed");
	}

	/**
	 * By INT, which waits for no request, and which the worker ignores.
	 */
	private static void secondIntKillsAtOnce(DemoProcess app, long worker) {
		Processes.freeze(worker);
		app.signal("INT");
		app.awaitLine("Stopping without waiting for requests");
		app.signal("INT");
		assertThat(app.awaitExit()).isZero();
		assertThat(app.lines("Stopping at once")).hasSize(1);
		assertThat(app.lines("still running after its time to drain")).as("killed because time was up").isEmpty();
		assertThat(app.tree()).isEmpty();
		assertThat(Processes.gone(worker)).isTrue();
	}

	private static String answered(HttpConnection.Response response) {
		assertThat(response.status()).isEqualTo(OK);
		return "answered";
	}

	private static String answeredAndClosed(HttpConnection.Response response) {
		assertThat(response.closes()).as("Connection: close").isTrue();
		return answered(response) + ", close announced";
	}

	/**
	 * Send a request on a connection that may be closed only when it has been silent for
	 * as long as a drain waits: then this machine was too slow for the test.
	 */
	private static String askedInTime(HttpConnection connection, long silentSince,
			Function<HttpConnection.Response, String> judge) throws IOException {
		Duration silence = SILENCE;
		try {
			connection.send(HttpConnection.request("GET", "/whoami"));
			silence = Duration.ofNanos(System.nanoTime() - silentSince);
			return judge.apply(connection.receive());
		}
		catch (IOException ex) {
			if (silence.compareTo(SILENCE) < 0) {
				throw ex;
			}
			return "asked too late";
		}
	}

	private static String allAnsweredAndLastClosed(HttpConnection connection, int requests) throws IOException {
		for (int i = 1; i <= requests; i++) {
			HttpConnection.Response response = connection.receive();
			answered(response);
			assertThat(response.closes()).as("Connection: close with answer " + i).isEqualTo(i == requests);
		}
		return "answered, close announced with the last";
	}

	private static String closedUnasked(HttpConnection connection) throws IOException {
		try {
			return "FAILED: " + connection.receive();
		}
		catch (HttpConnection.UnansweredException ex) {
			return "closed";
		}
	}

	private static String endedBy(Http2Connection connection, int lastStream) {
		String end = connection.ended().join();
		assertThat(connection.goAways()).containsExactly(Integer.MAX_VALUE, lastStream);
		return end + " after GOAWAY " + connection.goAways();
	}

	/**
	 * The pause of a client between its requests.
	 */
	private static void thinkFor(long millis) throws InterruptedException {
		Thread.sleep(millis);
	}

	/**
	 * Clients that go on at the same time, from the moment that the drain begins.
	 */
	private static final class Clients {

		private final DrainedWorker worker;

		private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

		private final Map<String, Future<String>> outcomes = new LinkedHashMap<>();

		private long start;

		private Clients(DrainedWorker worker) {
			this.worker = worker;
		}

		void add(String name, Callable<String> client) {
			if (this.outcomes.isEmpty()) {
				this.start = System.nanoTime();
			}
			this.outcomes.put("%d. %s".formatted(this.outcomes.size() + 1, name), this.executor.submit(() -> {
				try {
					String outcome = client.call();
					return "%s after %.1f s".formatted(outcome, seconds());
				}
				catch (IOException | AssertionError | CompletionException ex) {
					return "FAILED after %.1f s: %s".formatted(seconds(), ex);
				}
			}));
		}

		double seconds() {
			return (System.nanoTime() - this.start) / 1e9;
		}

		Map<String, String> finish() throws Exception {
			Map<String, String> results = new LinkedHashMap<>();
			for (Map.Entry<String, Future<String>> entry : this.outcomes.entrySet()) {
				results.put(entry.getKey(), entry.getValue().get(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS));
			}
			this.executor.close();
			assertThat(this.worker.app().output()).doesNotContain("OutOfMemoryError");
			return results;
		}

	}

	/**
	 * Open WebSockets until the worker has one.
	 */
	private static WebSocketClient chatWith(DrainedWorker worker) {
		List<WebSocketClient> others = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			WebSocketClient client = WebSocketClient.open(worker.uri("ws", "/ws"), worker.tls());
			if (client.awaitMessage().equals(worker.fleet() ? "worker 1" : "worker 0")) {
				others.forEach((other) -> other.socket().abort());
				return client;
			}
			others.add(client);
		}
		throw new AssertionError("No WebSocket to " + worker);
	}

}
