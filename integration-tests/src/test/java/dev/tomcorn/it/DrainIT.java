package dev.tomcorn.it;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a drain does to each kind of connection and request.
 */
class DrainIT {

	private static final int OK = 200;

	private static final int SWITCHING_PROTOCOLS = 101;

	private static final int GOING_AWAY = 1001;

	/**
	 * A drain closes what has been silent for as long.
	 */
	private static final Duration SILENCE = Duration.ofSeconds(2);

	private static final String EVENTS = "event-stream";

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@TempDir
	Path directory;

	/**
	 * Clients of every kind at once, each in the middle of something.
	 */
	@ParameterizedTest(name = "fleet {0}, TLS {1}")
	@CsvSource({ "true,false", "true,true", "false,false", "false,true" })
	void whatIsUnderWayIsFinished(boolean fleet, boolean secure) throws Exception {
		Doomed worker = Doomed.start(this.apps, fleet, secure ? TestTls.create(this.directory) : null);
		Clients clients = new Clients(worker);
		Path release = this.directory.resolve("release");
		String held = HttpConnection.request("GET", "/held?until=" + release);
		ChattingClient chat = ChattingClient.of(worker);
		List<HttpConnection> kept = worker.connect(13);
		List<HttpConnection> silent = new ArrayList<>();
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
		worker.awaitActive(4);
		HttpConnection deferred = kept.get(5);
		deferred.send(HttpConnection.request("GET", "/deferred?ms=2500"));
		HttpConnection streamed = kept.get(6);
		streamed.send(HttpConnection.request("GET", "/stream?lines=30&ms=100"));
		HttpConnection answerInEvents = kept.get(7);
		answerInEvents.send(HttpConnection.request("POST", "/events?count=30&ms=100", "Content-Length: 0"));
		HttpConnection soonAgain = kept.get(9);
		HttpConnection laterAgain = kept.get(10);
		HttpConnection idle = kept.get(11);
		HttpConnection lateReader = kept.get(12);
		lateReader.send(HttpConnection.request("GET", "/stream?lines=2000&ms=0"));
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
		// Not before, or it might be nothing that is under way
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
		clients.add("kept connection without a request", () -> closedUnasked(idle));
		clients.add("WebSocket", () -> {
			int code = chat.closed().join();
			assertThat(chat.received()).contains("600");
			assertThat(code).isEqualTo(GOING_AWAY);
			return "message before the drain echoed, closed with " + code;
		});
		Map<String, String> outcomes = clients.finish();
		worker.awaitEnd();
		double seconds = clients.seconds();
		Figures.print("drain of everything at once, %s: process gone after %.1f s", worker, seconds);
		outcomes.forEach((client, outcome) -> Figures.print("  %-45s %s", client, outcome));
		assertThat(outcomes.values()).noneMatch((outcome) -> outcome.startsWith("FAILED"));
		assertThat(seconds).isLessThan(15);
		assertThat(worker.app().output()).doesNotContain("Graceful timeout passed");
	}

	@ParameterizedTest(name = "fleet {0}")
	@ValueSource(booleans = { true, false })
	void idleConnectionsDoNotHoldUpTheDrain(boolean fleet) throws Exception {
		Doomed worker = Doomed.start(this.apps, fleet, null);
		Clients clients = new Clients(worker);
		List<HttpConnection> idle = worker.connect(10);
		ChattingClient chat = ChattingClient.of(worker);
		HttpConnection deaf = worker.connect(1).getFirst();
		deaf.send(HttpConnection.request("GET", "/ws", "Connection: Upgrade", "Upgrade: websocket",
				"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
		assertThat(deaf.receive().status()).isEqualTo(SWITCHING_PROTOCOLS);
		worker.drain();
		idle.forEach((connection) -> clients.add("idle connection", () -> closedUnasked(connection)));
		Map<String, String> outcomes = clients.finish();
		worker.awaitEnd();
		double seconds = clients.seconds();
		Figures.print(
				"drain of 10 idle connections, a WebSocket and one whose client does not answer, %s: process gone after %.1f s, %s",
				worker, seconds, outcomes);
		assertThat(outcomes.values()).allMatch((outcome) -> outcome.startsWith("closed"));
		assertThat(chat.closed()).succeedsWithin(DemoProcess.PATIENCE).isEqualTo(GOING_AWAY);
		assertThat(seconds).isLessThan(8);
	}

	@ParameterizedTest(name = "fleet {0}, TLS {1}")
	@CsvSource({ "true,true", "false,false" })
	void http2StreamsFinishBeforeTheConnectionEnds(boolean fleet, boolean secure) throws Exception {
		Doomed worker = Doomed.start(this.apps, fleet, secure ? TestTls.create(this.directory) : null,
				"--server.http2.enabled=true");
		Clients clients = new Clients(worker);
		List<Http2Connection> connections = worker.connectHttp2(2);
		Http2Connection busy = connections.get(0);
		Http2Connection idle = connections.get(1);
		Path release = this.directory.resolve("release");
		CompletableFuture<String> deferred = busy.get("/deferred?ms=2500");
		CompletableFuture<String> inFlight = busy.get("/held?until=" + release);
		worker.awaitActive(1);
		worker.drain();
		// The final one does not follow while a request is held
		await("first GOAWAY").atMost(DemoProcess.PATIENCE)
			.pollInterval(Duration.ofMillis(10))
			.until(() -> !busy.goAways().isEmpty());
		// As a client does that has not read the GOAWAY yet
		CompletableFuture<String> late = busy.get("/whoami");
		Files.createFile(release);
		clients.add("streams in flight, and one opened after the first GOAWAY", () -> {
			assertThat(List.of(inFlight.join(), deferred.join(), late.join()))
				.allSatisfy((answer) -> assertThat(answer).contains("\"pid\":" + worker.pid()));
			return "answered";
		});
		clients.add("connection with streams", () -> endedBy(busy, 7));
		clients.add("connection without streams", () -> endedBy(idle, 1));
		Map<String, String> outcomes = clients.finish();
		worker.awaitEnd();
		Figures.print("drain of HTTP/2, %s: process gone after %.1f s, %s", worker, clients.seconds(), outcomes);
		assertThat(outcomes.values()).noneMatch((outcome) -> outcome.startsWith("FAILED"));
		assertThat(clients.seconds()).isLessThan(12);
	}

	@ParameterizedTest(name = "HTTP/2 {0}")
	@ValueSource(booleans = { true, false })
	void clientsOverTlsNoticeNothingWhenAWorkerIsRetired(boolean http2) throws Exception {
		TestTls key = TestTls.create(this.directory);
		Doomed worker = Doomed.start(this.apps, true, key, "--server.http2.enabled=true");
		AtomicInteger answered = new AtomicInteger();
		List<String> failed = new CopyOnWriteArrayList<>();
		AtomicLong until = new AtomicLong(Long.MAX_VALUE);
		try (HttpClient client = HttpClient.newBuilder()
			.sslContext(key.context())
			.version(http2 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
			.build(); ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
			HttpRequest request = HttpRequest.newBuilder(worker.uri("http", "/io?ms=20"))
				.timeout(DemoProcess.PATIENCE)
				.build();
			for (int i = 0; i < 16; i++) {
				executor.execute(() -> {
					while (System.nanoTime() < until.get() && failed.size() < 100) {
						try {
							HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
							assertThat(response.statusCode()).isEqualTo(OK);
							answered.incrementAndGet();
						}
						catch (IOException | InterruptedException | AssertionError ex) {
							failed.add(ex.toString());
						}
					}
				});
			}
			try {
				await("load").atMost(DemoProcess.PATIENCE).until(() -> answered.get() > 500);
				worker.drain();
				worker.awaitEnd();
			}
			finally {
				until.set(System.nanoTime() + Duration.ofMillis(500).toNanos());
			}
		}
		Figures.print("worker retired under load, TLS, %s: %d requests answered, failed %s",
				http2 ? "HTTP/2" : "HTTP/1.1", answered.get(), failed);
		assertThat(failed).isEmpty();
	}

	@ParameterizedTest(name = "fleet {0}")
	@ValueSource(booleans = { true, false })
	void requestsThatRunOutOfTimeAreAnsweredWhereThatIsPossible(boolean fleet) throws Exception {
		Doomed worker = Doomed.start(this.apps, fleet, null, "--tomcorn.graceful-timeout=2");
		Clients clients = new Clients(worker);
		List<HttpConnection> kept = worker.connect(3);
		kept.get(0).send(HttpConnection.request("GET", "/deferred?ms=600000"));
		kept.get(1).send(HttpConnection.request("GET", "/stream?lines=100000&ms=100"));
		kept.get(2).send(HttpConnection.request("GET", "/events"));
		worker.awaitActive(3);
		worker.drain();
		clients.add("no answer yet", () -> String.valueOf(kept.get(0).receive().status()));
		clients.add("part of an answer", () -> kept.get(1).receive().body());
		clients.add(EVENTS, () -> kept.get(2).receive().body().contains("event 1") ? "ended" : "FAILED");
		Map<String, String> outcomes = clients.finish();
		worker.awaitEnd();
		Figures.print("graceful-timeout of 2 s passed, %s: process gone after %.1f s, %s", worker, clients.seconds(),
				outcomes);
		assertThat(outcomes.get("1. no answer yet")).startsWith("503");
		assertThat(outcomes.get("3. " + EVENTS)).startsWith("ended");
		// A part must not look like the whole
		assertThat(outcomes.get("2. part of an answer")).startsWith("FAILED");
	}

	@Test
	void soloApplicationServesWhatWaitsInTheKernelsQueue() throws IOException {
		DemoProcess app = this.apps.start(Launch.faults(1, "sync"));
		app.awaitWhole(1);
		Path release = this.directory.resolve("release");
		CompletableFuture<Tally> answers = CompletableFuture
			.supplyAsync(() -> app.load().simultaneous(500, "/held?until=" + release));
		await("connections in the queue").atMost(DemoProcess.PATIENCE)
			.pollInterval(Duration.ofMillis(20))
			.until(() -> TcpTable.waiting(app.port()) >= 490);
		int queued = TcpTable.waiting(app.port());
		app.signal("TERM");
		await("begin of the drain").atMost(DemoProcess.PATIENCE).until(() -> !TcpTable.listening(app.port()));
		Files.createFile(release);
		app.awaitExit();
		Tally tally = answers.join().print("TERM solo, sync, %d connections in the kernel's queue".formatted(queued));
		tally.assertAllOk(500);
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
	 * Ask on a connection that may be closed only when it has been silent for as long as
	 * a drain waits: then this machine was too slow to show anything.
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
	 * What a client does between its requests.
	 */
	private static void thinkFor(long millis) throws InterruptedException {
		Thread.sleep(millis);
	}

	/**
	 * Clients that go on at the same time, from the moment that the drain begins.
	 */
	private static final class Clients {

		private final Doomed worker;

		private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

		private final Map<String, Future<String>> outcomes = new LinkedHashMap<>();

		private long start;

		private Clients(Doomed worker) {
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
	 * A WebSocket to the worker.
	 */
	private static final class ChattingClient implements WebSocket.Listener {

		private final List<String> received = new CopyOnWriteArrayList<>();

		private final CompletableFuture<Integer> closed = new CompletableFuture<>();

		private final WebSocket socket;

		/**
		 * Open WebSockets until one is the worker's.
		 */
		static ChattingClient of(Doomed worker) {
			List<ChattingClient> others = new ArrayList<>();
			for (int i = 0; i < 20; i++) {
				ChattingClient client = new ChattingClient(worker);
				await("greeting").atMost(DemoProcess.PATIENCE).until(() -> !client.received.isEmpty());
				if (client.received.getFirst().equals(worker.fleet() ? "worker 1" : "worker 0")) {
					others.forEach((other) -> other.socket.abort());
					return client;
				}
				others.add(client);
			}
			throw new AssertionError("No WebSocket to " + worker);
		}

		private ChattingClient(Doomed worker) {
			HttpClient.Builder client = HttpClient.newBuilder();
			if (worker.tls() != null) {
				client.sslContext(worker.tls().context());
			}
			this.socket = client.build()
				.newWebSocketBuilder()
				.buildAsync(worker.uri("ws", "/ws"), this)
				.orTimeout(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS)
				.join();
		}

		WebSocket socket() {
			return this.socket;
		}

		List<String> received() {
			return this.received;
		}

		CompletableFuture<Integer> closed() {
			return this.closed.orTimeout(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS);
		}

		@Override
		public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
			this.received.add(data.toString());
			webSocket.request(1);
			return CompletableFuture.completedStage(null);
		}

		@Override
		public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
			this.closed.complete(statusCode);
			return CompletableFuture.completedStage(null);
		}

		@Override
		public void onError(WebSocket webSocket, Throwable error) {
			this.closed.completeExceptionally(error);
		}

	}

}
