package dev.tomcorn.it;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

/**
 * The endpoint's figures of workers under load, compared with the load's own counts, and
 * its view of workers that are stuck or frozen. Also the end of requests that take too
 * long, and of other requests and their worker.
 */
final class WatchedRequests {

	/**
	 * What its fleet of two workers needs. The limit of requests and the time to drain
	 * are longer than other requests are held. The grace is ample for a request that ends
	 * at its interrupt as soon as it has a CPU.
	 */
	static final String[] ARGUMENTS = { Operator.ACCESS,
			// Longer than a worker is frozen here
			"--tomcorn.timeout=" + DemoProcess.PATIENCE.toSeconds() + "s", "--tomcorn.request-timeout=10m",
			"--tomcorn.graceful-timeout=10m", "--tomcorn.request-timeout-overrides[0].path=/stuck/*",
			"--tomcorn.request-timeout-overrides[0].timeout=1s",
			"--tomcorn.request-timeout-overrides[1].path=/stuck-async",
			"--tomcorn.request-timeout-overrides[1].timeout=1s", "--tomcorn.request-timeout-grace=10s" };

	private static final int SLEEP_MILLIS = 200;

	private static final int CLIENTS = 6;

	private static final int HELD = 30;

	private static final int REQUESTS = 60;

	private static final int NEIGHBOURS = 100;

	private static final String NO_SIGN_OF_LIFE = "shows no sign of life";

	private static final JsonMapper JSON = new JsonMapper();

	private final DemoProcess app;

	private final FleetBoard board;

	private final Path files;

	WatchedRequests(DemoProcess app, FleetBoard board, Path files) {
		this.app = app;
		this.board = board;
		this.files = files;
	}

	private static JsonNode json(String body) {
		return JSON.readTree(body);
	}

	private static JsonNode fleet(DemoProcess app) {
		return json(app.get("/actuator/workers"));
	}

	private static List<JsonNode> workers(JsonNode fleet) {
		return elements(fleet.get("workers"));
	}

	private static List<JsonNode> elements(JsonNode array) {
		return StreamSupport.stream(array.spliterator(), false).toList();
	}

	private static LoadGenerator patient(DemoProcess app) {
		return new LoadGenerator(app.port(), DemoProcess.PATIENCE);
	}

	private static HttpResponse<String> send(DemoProcess app, HttpRequest.Builder request, String path)
			throws IOException, InterruptedException {
		try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
			return client
				.send(request.uri(URI.create("http://127.0.0.1:%d/actuator/workers/%s".formatted(app.port(), path)))
					.timeout(DemoProcess.PATIENCE)
					.build(), HttpResponse.BodyHandlers.ofString());
		}
	}

	private static HttpResponse<String> post(DemoProcess app, int index, String body)
			throws IOException, InterruptedException {
		return send(app,
				HttpRequest.newBuilder()
					.header("Content-Type", "application/json")
					.POST(HttpRequest.BodyPublishers.ofString(body)),
				Integer.toString(index));
	}

	/**
	 * Leaves one worker of the two.
	 */
	void check() throws Exception {
		figuresAgreeWithTheLoad(this.app, this.board);
		oneRequestIsLookedIntoAndInterrupted(this.app, this.files.resolve("release"));
		frozenWorkerHoldsNobodyUp(this.app);
		// The next requests are to have one worker
		this.app.signal("TTOU");
		this.app.awaitWhole(1);
		List<CompletableFuture<Exchange>> neighbours = hold(this.app, "first");
		requestOverItsLimitIsInterruptedAlone(this.app);
		asynchronousOneIsAnsweredAsWell(this.app);
		assertThat(neighbours).as("healthy requests that were in flight all the time")
			.noneMatch(CompletableFuture::isDone);
		assertReleased(neighbours, "first");
		requestThatIgnoresItsInterruptHasItsWorkerReplaced(this.app);
	}

	private void figuresAgreeWithTheLoad(DemoProcess app, FleetBoard board) {
		board.awaitIdle();
		long handledBefore = board.handledRequests();
		Tally tally;
		JsonNode during;
		int looks;
		try (LoadGenerator.Load load = app.load().start(CLIENTS, 0, "/io?ms=" + SLEEP_MILLIS)) {
			AtomicInteger looked = new AtomicInteger();
			during = await("figures of both workers").atMost(DemoProcess.PATIENCE)
				.pollInterval(Duration.ofMillis(500))
				.until(() -> {
					looked.incrementAndGet();
					return fleet(app);
				}, (fleet) -> load.soFar().size() >= REQUESTS
						&& workers(fleet).stream().allMatch(WatchedRequests::busy));
			tally = load.stop();
			looks = looked.get();
		}
		tally.print("load beside which the figures were read").assertAllOk(tally.size());
		double ofWorkers = workers(during).stream()
			.mapToDouble((worker) -> worker.at("/requestsPerSecond").asDouble())
			.sum();
		assertThat(during.at("/fleet/requestsPerSecond").asDouble()).isPositive().isCloseTo(ofWorkers, within(0.2));
		assertThat(during.at("/fleet/backlog/limit").asInt()).isPositive();
		workers(during).forEach(WatchedRequests::assertPlausible);
		// A request is counted out after its client has the answer
		long handled = handledBefore + tally.size() + looks;
		await("count of every request").atMost(DemoProcess.PATIENCE).until(() -> board.handledRequests() >= handled);
		assertThat(board.handledRequests()).as("handled, the looks included").isEqualTo(handled);
		Figures.print("handled: %d by the load, %d by the fleet", tally.size() + looks, handled - handledBefore);
	}

	/**
	 * Return whether most requests of a worker's last seconds are those of the load,
	 * which take no less than they sleep.
	 */
	private static boolean busy(JsonNode worker) {
		return worker.at("/latency/p50Millis").asDouble() > 0.95 * SLEEP_MILLIS
				&& worker.get("requestsPerSecond").asDouble() > 0 && worker.get("busyRatio").asDouble() > 0
				&& worker.get("cpuRatio").asDouble() > 0;
	}

	private static void assertPlausible(JsonNode worker) {
		Figures.print("worker %s", worker);
		double p99 = worker.at("/latency/p99Millis").asDouble();
		double max = worker.at("/latency/maxMillis").asDouble();
		double mean = worker.at("/latency/meanMillis").asDouble();
		assertThat(p99).isBetween(worker.at("/latency/p50Millis").asDouble(), max);
		assertThat(mean).isPositive().isLessThanOrEqualTo(max);
		assertThat(worker.at("/queueTime/meanMillis").asDouble()).isPositive().isLessThan(mean);
		assertThat(worker.at("/busyRatio").asDouble()).isLessThan(1);
		assertThat(worker.at("/residentBytes").asLong()).isGreaterThan(50_000_000);
		assertThat(worker.at("/heapBytes").asLong()).isPositive();
		assertThat(worker.at("/virtualThreads/parallelism").asInt()).isPositive();
		assertThat(worker.at("/silent").asBoolean()).isFalse();
	}

	private void oneRequestIsLookedIntoAndInterrupted(DemoProcess app, Path release) throws Exception {
		CompletableFuture<Exchange> stuck = patient(app).send("/stuck");
		await("the stuck request").atMost(DemoProcess.PATIENCE).until(() -> holder(fleet(app)) != null);
		JsonNode holder = holder(fleet(app));
		int index = holder.get("index").asInt();
		assertThat(holder.at("/oldestRequest/method").asString()).isEqualTo("GET");
		assertThat(holder.at("/oldestRequest/ageMillis").asLong()).isNotNegative();
		long id = holder.at("/oldestRequest/id").asLong();
		List<CompletableFuture<Exchange>> others = IntStream.range(0, HELD)
			.mapToObj((i) -> patient(app).send("/held?until=" + release))
			.toList();
		await("the other requests").atMost(DemoProcess.PATIENCE)
			.until(() -> fleet(app).at("/fleet/activeRequests").asInt() > others.size());
		JsonNode detail = json(app.get("/actuator/workers/" + index));
		assertThat(detail.get("missing").isNull()).isTrue();
		JsonNode request = elements(detail.get("requests")).stream()
			.filter((candidate) -> candidate.get("id").asLong() == id)
			.findFirst()
			.orElseThrow();
		assertThat(request.get("path").asString()).isEqualTo("/stuck");
		assertThat(request.get("state").asString()).isEqualTo("RUNNING");
		assertThat(request.get("thread").asString()).startsWith("tomcat-handler-");
		String dump = app.get("/actuator/workers/%d/threaddump".formatted(index));
		assertThat(dump).contains("virtual", request.get("thread").asString(),
				"dev.tomcorn.fault.StuckController.stuck(StuckController.java");
		refusals(app, index, id);
		HttpResponse<String> answer = post(app, index, "{\"action\":\"interrupt\",\"request\":%d}".formatted(id));
		Figures.print("interrupt: %d %s", answer.statusCode(), answer.body());
		assertThat(answer.statusCode()).isEqualTo(200);
		assertThat(answer.body()).contains("Interrupted GET /stuck");
		assertThat(stuck.join().detail()).isEqualTo("503 The request took longer than it may\n");
		Files.createFile(release);
		new Tally(others.stream().map(CompletableFuture::join).toList()).print("beside the interrupted request")
			.assertAllOk(others.size());
		await("failed requests").atMost(DemoProcess.PATIENCE)
			.until(() -> fleet(app).at("/fleet/failedRequests").asLong() == 1);
	}

	private static void refusals(DemoProcess app, int index, long id) throws Exception {
		String interrupt = "{\"action\":\"interrupt\",\"request\":%s}";
		assertThat(post(app, index, interrupt.formatted(id + 1_000_000)).statusCode()).isEqualTo(404);
		assertThat(post(app, 77, interrupt.formatted(id)).statusCode()).isEqualTo(404);
		assertThat(post(app, index, interrupt.formatted("\"first\"")).statusCode()).isEqualTo(400);
		assertThat(post(app, index, "{\"action\":\"interrupt\"}").statusCode()).isEqualTo(400);
		assertThat(send(app, HttpRequest.newBuilder(), "77").statusCode()).isEqualTo(404);
		assertThat(send(app, HttpRequest.newBuilder(), "77/threaddump").statusCode()).isEqualTo(404);
		assertThat(send(app, HttpRequest.newBuilder(), index + "/nothing").statusCode()).isEqualTo(404);
	}

	private static @Nullable JsonNode holder(JsonNode fleet) {
		return workers(fleet).stream()
			.filter((worker) -> worker.at("/oldestRequest/path").asString("").equals("/stuck"))
			.findFirst()
			.orElse(null);
	}

	private void frozenWorkerHoldsNobodyUp(DemoProcess app) throws Exception {
		JsonNode frozen = workers(fleet(app)).getFirst();
		int index = frozen.get("index").asInt();
		long pid = frozen.get("pid").asLong();
		Processes.freeze(pid);
		try {
			// Until it is known to be silent it may get a connection
			await("silence").atMost(DemoProcess.PATIENCE)
				.until(() -> workers(fleet(app)).get(index).get("silent").asBoolean());
			for (int i = 0; i < 5; i++) {
				assertThat(workers(fleet(app)).get(index).get("silent").asBoolean()).isTrue();
			}
			HttpResponse<String> dump = send(app, HttpRequest.newBuilder(), index + "/threaddump");
			assertThat(dump.statusCode()).as(dump.body()).isEqualTo(503);
			// A worker that was asked in vain has another reason
			assertThat(dump.body()).contains(NO_SIGN_OF_LIFE);
			assertThat(json(app.get("/actuator/workers/" + index)).get("missing").asString()).contains(NO_SIGN_OF_LIFE);
			HttpResponse<String> interrupt = post(app, index, "{\"action\":\"interrupt\",\"request\":1}");
			assertThat(interrupt.statusCode()).as(interrupt.body()).isEqualTo(503);
			assertThat(interrupt.body()).contains(NO_SIGN_OF_LIFE);
			assertThat(Processes.isStopped(pid)).as("all that was answered while the worker was frozen").isTrue();
		}
		finally {
			Processes.signal("CONT", pid);
		}
	}

	private List<CompletableFuture<Exchange>> hold(DemoProcess app, String release) {
		List<CompletableFuture<Exchange>> held = IntStream.range(0, NEIGHBOURS)
			.mapToObj((i) -> new LoadGenerator(app.port(), DemoProcess.PATIENCE)
				.send("/held?until=" + this.files.resolve(release)))
			.toList();
		app.awaitFleet((fleet) -> fleet.worker(0).activeRequests() > NEIGHBOURS);
		return held;
	}

	private void assertReleased(List<CompletableFuture<Exchange>> held, String release) throws IOException {
		Files.createFile(this.files.resolve(release));
		Tally tally = new Tally(held.stream().map(CompletableFuture::join).toList()).print("beside a stuck request");
		tally.assertAllOk(NEIGHBOURS);
		assertThat(tally.byPid()).hasSize(1);
	}

	private static void requestOverItsLimitIsInterruptedAlone(DemoProcess app) {
		Exchange stuck = app.load().send("/stuck/limited").join();
		assertAnswered503(stuck);
		app.awaitLine(
				"WARN .*Request GET /stuck/limited of worker 0 has run for \\d+\\.\\d s, longer than its limit of 1\\.0 s: "
						+ "interrupting \\S+");
		app.awaitLine("at dev\\.tomcorn\\.fault\\.StuckController\\.stuck\\(StuckController\\.java");
		assertThat(app.lines("interrupting ")).hasSize(1);
		assertThat(app.lines("ignores its interrupt")).isEmpty();
	}

	private static void assertAnswered503(Exchange exchange) {
		assertThat(exchange.detail()).isEqualTo("503 The request took longer than it may\n");
	}

	private static void asynchronousOneIsAnsweredAsWell(DemoProcess app) {
		assertAnswered503(app.load().send("/stuck-async").join());
		app.awaitLine("Request GET /stuck-async of worker 0 has taken");
		assertThat(app.lines("Request GET /stuck-async of worker 0 has taken")).hasSize(1);
	}

	private void requestThatIgnoresItsInterruptHasItsWorkerReplaced(DemoProcess app) throws IOException {
		long pid = app.fleet().worker(0).pid();
		List<CompletableFuture<Exchange>> neighbours = hold(app, "second");
		CompletableFuture<Exchange> stuck = new LoadGenerator(app.port(), DemoProcess.PATIENCE)
			.send("/stuck/limited?ignoreInterrupts=true&until=" + this.files.resolve("second"));
		app.awaitLine("Request GET /stuck/limited of worker 0 has run for \\d+\\.\\d s and ignores its interrupt: "
				+ "asking for another worker");
		app.awaitFleet((fleet) -> fleet.workers().stream().anyMatch((worker) -> worker.ready() && worker.pid() != pid));
		assertThat(neighbours).as("healthy requests that the old worker still runs")
			.noneMatch(CompletableFuture::isDone);
		assertReleased(neighbours, "second");
		assertAnswered503(stuck.join());
		app.awaitLine("\\(pid %d\\) stopped".formatted(pid));
		app.awaitLine("Worker diary: recycling, request GET /stuck/limited has run for .* ignores its interrupt");
		app.awaitLine("Fleet diary: WorkerRecycling\\[placement=.*, pid=%d, ".formatted(pid));
	}

}
