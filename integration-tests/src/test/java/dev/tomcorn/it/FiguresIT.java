package dev.tomcorn.it;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

import dev.tomcorn.it.Exchange.Outcome;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

/**
 * What the endpoint says of workers under load, beside what the load knows of itself, and
 * of workers that are stuck or frozen.
 */
class FiguresIT {

	private static final int SLEEP_MILLIS = 100;

	private static final int CLIENTS = 12;

	private static final Duration WINDOW = Duration.ofSeconds(10);

	private static final JsonMapper JSON = new JsonMapper();

	@RegisterExtension
	final DemoApps apps = new DemoApps();

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

	@Test
	void figuresAgreeWithTheLoadAndRequestsCanBeLookedIntoAndInterrupted(@TempDir Path directory, @TempDir Path files)
			throws Exception {
		DemoProcess app = this.apps.start(Launch.faults(2, "gevent")
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.run-directory=" + directory, Operator.ACCESS));
		app.awaitWarm(2);
		figuresAgreeWithTheLoad(app, FleetBoard.in(directory));
		oneRequestIsLookedIntoAndInterrupted(app, files.resolve("release"));
		frozenWorkerHoldsNobodyUp(app);
	}

	private void figuresAgreeWithTheLoad(DemoProcess app, FleetBoard board) {
		board.awaitIdle();
		long handledBefore = board.handledRequests();
		long begun = System.nanoTime();
		Tally tally;
		JsonNode during;
		double rate;
		try (LoadGenerator.Load load = app.load().start(CLIENTS, 0, "/io?ms=" + SLEEP_MILLIS)) {
			await("a window full of load").atMost(DemoProcess.PATIENCE)
				.until(() -> System.nanoTime() - begun > WINDOW.plusSeconds(2).toNanos());
			during = fleet(app);
			long from = System.nanoTime() - WINDOW.toNanos();
			rate = load.soFar().only((exchange) -> exchange.ended() > from).count(Outcome.OK)
					/ (double) WINDOW.toSeconds();
			tally = load.stop();
		}
		tally.print("load beside which the figures were read").assertAllOk(tally.size());
		Figures.print("requests a second: %.1f by the load, %s by the endpoint", rate,
				during.at("/fleet/requestsPerSecond"));
		assertThat(during.at("/fleet/requestsPerSecond").asDouble()).isCloseTo(rate, within(0.25 * rate));
		assertThat(during.at("/fleet/backlog/limit").asInt()).isPositive();
		workers(during).forEach(FiguresIT::assertPlausible);
		// A request is counted out after its client has the answer
		long handled = handledBefore + tally.size() + 1;
		await("count of every request").atMost(DemoProcess.PATIENCE).until(() -> board.handledRequests() >= handled);
		assertThat(board.handledRequests()).as("handled, the one look included").isEqualTo(handled);
		Figures.print("handled: %d by the load, %d by the fleet", tally.size() + 1, handled - handledBefore);
	}

	private static void assertPlausible(JsonNode worker) {
		Figures.print("worker %s", worker);
		double p50 = worker.at("/latency/p50Millis").asDouble();
		double p99 = worker.at("/latency/p99Millis").asDouble();
		double mean = worker.at("/latency/meanMillis").asDouble();
		assertThat(p50).isBetween(0.95 * SLEEP_MILLIS, 2.0 * SLEEP_MILLIS);
		assertThat(p99).isBetween(p50, worker.at("/latency/maxMillis").asDouble());
		assertThat(worker.at("/queueTime/meanMillis").asDouble()).isPositive().isLessThan(mean);
		assertThat(worker.at("/busyRatio").asDouble()).isBetween(0.001, 0.1);
		assertThat(worker.at("/cpuRatio").asDouble()).isPositive();
		assertThat(worker.at("/residentBytes").asLong()).isGreaterThan(50_000_000);
		assertThat(worker.at("/heapBytes").asLong()).isPositive();
		assertThat(worker.at("/virtualThreads/parallelism").asInt()).isPositive();
		assertThat(worker.at("/silent").asBoolean()).isFalse();
	}

	private void oneRequestIsLookedIntoAndInterrupted(DemoProcess app, Path release) throws Exception {
		CompletableFuture<Exchange> stuck = app.load().send("/stuck?ms=60000");
		await("the stuck request").atMost(DemoProcess.PATIENCE).until(() -> holder(fleet(app)) != null);
		JsonNode holder = holder(fleet(app));
		int index = holder.get("index").asInt();
		assertThat(holder.at("/oldestRequest/method").asString()).isEqualTo("GET");
		assertThat(holder.at("/oldestRequest/ageMillis").asLong()).isBetween(1L, DemoProcess.PATIENCE.toMillis());
		long id = holder.at("/oldestRequest/id").asLong();
		List<CompletableFuture<Exchange>> others = IntStream.range(0, 50)
			.mapToObj((i) -> app.load().send("/held?until=" + release))
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
			// Until it is known to be silent it may be given a connection
			await("silence").atMost(DemoProcess.PATIENCE)
				.until(() -> workers(fleet(app)).get(index).get("silent").asBoolean());
			List<Duration> times = new ArrayList<>();
			for (int i = 0; i < 5; i++) {
				long asked = System.nanoTime();
				JsonNode worker = workers(fleet(app)).get(index);
				times.add(Duration.ofNanos(System.nanoTime() - asked));
				assertThat(worker.get("silent").asBoolean()).isTrue();
			}
			Figures.print("views of a fleet with a frozen worker after %s", times);
			assertThat(times.stream().sorted().toList().get(2)).as("usual time of a view")
				.isLessThan(Duration.ofSeconds(1));
			assertThat(times).as("time of each view")
				.allSatisfy((time) -> assertThat(time).isLessThan(Duration.ofSeconds(2)));
			HttpResponse<String> dump = send(app, HttpRequest.newBuilder(), index + "/threaddump");
			assertThat(dump.statusCode()).as(dump.body()).isEqualTo(503);
			assertThat(json(app.get("/actuator/workers/" + index)).get("missing").asString()).isNotBlank();
			HttpResponse<String> interrupt = post(app, index, "{\"action\":\"interrupt\",\"request\":1}");
			assertThat(interrupt.statusCode()).as(interrupt.body()).isEqualTo(503);
		}
		finally {
			Processes.signal("CONT", pid);
		}
	}

}
