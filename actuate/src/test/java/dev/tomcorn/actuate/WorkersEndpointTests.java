package dev.tomcorn.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tomcorn.Worker;
import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.arbiter.FleetHistory;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.core.process.FleetIdentity;
import dev.tomcorn.core.scoreboard.ListenerQueue;
import dev.tomcorn.core.scoreboard.ListenerTable;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerFigures;
import dev.tomcorn.core.scoreboard.WorkerRecord.Stage;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.core.status.FleetDescriptor;
import dev.tomcorn.peer.PeerAnswer;
import dev.tomcorn.peer.Peers;
import dev.tomcorn.request.RequestInFlight;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

class WorkersEndpointTests {

	private static final Set<String> WORKER = Set.of("index", "pid", "state", "generation", "age", "startedAt",
			"bootMillis", "activeRequests", "waitingRequests", "openConnections", "handledRequests",
			"heartbeatAgeMillis", "silent", "leader", "capacity", "requestsPerSecond", "failedRequests", "latency",
			"queueTime", "oldestRequest", "busyRatio", "cpuRatio", "residentBytes", "heapBytes", "heapMaxBytes",
			"gcRatio", "virtualThreads", "restarts", "lastExit");

	/**
	 * Leaves out what is {@code null}, as the mapper that Spring Boot has for endpoints.
	 */
	private final JsonMapper json = JsonMapper.builder()
		.changeDefaultPropertyInclusion((inclusion) -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL)
			.withContentInclusion(JsonInclude.Include.NON_NULL))
		.build();

	private final WorkerProcess process = WorkerProcess.solo(Duration.ZERO);

	private final RequestsInFlight requests = new RequestsInFlight();

	private final WorkerInsight insight = new WorkerInsight(
			new Peers(this.process.scoreboard(), this.process.slot(), null), this.requests);

	private final WorkersEndpoint endpoint = new WorkersEndpoint(this.process,
			WorkerProcess.worker(this.process, "gevent", this.requests), this.insight);

	private JsonNode fleet(Scoreboard scoreboard) {
		return this.json.readTree(this.json.writeValueAsString(
				FleetDescriptor.of("gevent", true, scoreboard, ListenerTable.none(), WorkersEndpoint::withoutValues)));
	}

	private static Set<String> names(JsonNode object) {
		return new TreeSet<>(object.propertyNames());
	}

	@Test
	void everyFieldIsThereAlsoWhenNothingIsKnown() {
		JsonNode worker = fleet(Scoreboard.solo()).get("workers");
		assertThat(worker.isEmpty()).isTrue();
		Scoreboard scoreboard = Scoreboard.solo();
		scoreboard.claim(0, 3, 7, 2);
		JsonNode fleet = fleet(scoreboard);
		worker = fleet.get("workers").get(0);
		assertThat(names(worker)).containsExactlyInAnyOrderElementsOf(WORKER);
		for (String unknown : List.of("latency", "queueTime", "oldestRequest", "virtualThreads", "lastExit")) {
			assertThat(worker.get(unknown).isNull()).as(unknown).isTrue();
		}
		assertThat(worker.get("silent").asBoolean()).isFalse();
		assertThat(fleet.at("/fleet/backlog").isNull()).isTrue();
		assertThat(fleet.at("/fleet/saturation").asDouble()).isZero();
		assertThat(names(fleet)).contains("application").doesNotContain("release", "waitingRelease", "reload");
		assertThat(fleet.at("/fleet/reloads")).isEqualTo(this.json.readTree("{\"SUCCEEDED\":0,\"FAILED\":0}"));
		assertThat(names(fleet.get("arbiter"))).contains("pid", "startedAt", "generation", "targetWorkers", "paused",
				"standby", "workerOptions");
	}

	@Test
	void fleetSaysWhichApplicationItRuns() {
		Scoreboard scoreboard = Scoreboard.solo();
		assertThat(fleet(scoreboard).get("application").isNull()).as("an older arbiter does not tell").isTrue();
		scoreboard.identify(new FleetIdentity("shop", true, "", "com.example.Shop", 8080, 0).toBytes());
		assertThat(fleet(scoreboard).get("application")).isEqualTo(this.json.readTree("""
				{"name":"shop","port":8080,"managementPort":null,"jar":null,"mainClass":"com.example.Shop"}"""));
		scoreboard.identify(new FleetIdentity("shop", false, "/srv/shop.jar", "", 8080, 8081).toBytes());
		assertThat(fleet(scoreboard).get("application")).isEqualTo(this.json.readTree("""
				{"name":"shop","port":8080,"managementPort":8081,"jar":"/srv/shop.jar","mainClass":null}"""));
	}

	@Test
	void whatWorkersMeasureIsShownWithoutNumbersThatJsonHasNot() {
		Scoreboard scoreboard = Scoreboard.solo();
		WorkerSlot slot = scoreboard.claim(0, 0, 1, 1);
		slot.setState(WorkerState.READY);
		slot.setCapacity(10);
		slot.requestBegan();
		slot.setFigures(new WorkerFigures(1.23456, new WorkerFigures.Latency(1, 2, 3, 4),
				new WorkerFigures.QueueTime(5, Double.POSITIVE_INFINITY), Double.NaN, 1.5, 0.1,
				new WorkerFigures.VirtualThreads(1, 2, 3, -1), new WorkerFigures.OldestRequest(17, "GET", "/x",
						System.nanoTime() - 5_000_000_000L, "Orders.list(Orders.java:31)")));
		scoreboard.listenerQueue().show(new ListenerQueue.Reading(3, 128, Duration.ofMillis(250)));
		JsonNode fleet = fleet(scoreboard);
		JsonNode worker = fleet.get("workers").get(0);
		assertThat(worker.get("requestsPerSecond").asDouble()).isEqualTo(1.2346);
		assertThat(worker.at("/latency/p99Millis").asDouble()).isEqualTo(3);
		assertThat(worker.at("/queueTime/maxMillis").asDouble()).isZero();
		assertThat(worker.get("busyRatio").asDouble()).isZero();
		assertThat(worker.at("/virtualThreads/pinned").isNull()).isTrue();
		assertThat(worker.at("/oldestRequest/ageMillis").asLong()).isBetween(5000L, Duration.ofMinutes(10).toMillis());
		assertThat(fleet.at("/fleet/saturation").asDouble()).isEqualTo(0.1);
		assertThat(fleet.at("/fleet/backlog"))
			.isEqualTo(this.json.readTree("{\"length\":3,\"limit\":128,\"waitMillis\":250}"));
		slot.requestEnded();
		assertThat(fleet(scoreboard).at("/workers/0/oldestRequest").isNull()).as("it has ended since").isTrue();
	}

	@Test
	void problemsAreShown() {
		Scoreboard scoreboard = Scoreboard.solo();
		assertThat(fleet(scoreboard).get("problems").isEmpty()).isTrue();
		scoreboard.post(FleetReport.ofBytes(new byte[0])
			.problems(List.of(
					new Problem(ProblemKind.WORKER_STOPPED, 1, 4711, 1000, 0, "Worker 1 is stopped", "T",
							"Let it go on."),
					new Problem(ProblemKind.DISK_FULL, Problem.FLEET, 0, 1000, 2000, "Full", "", "Make room.")))
			.toBytes());
		assertThat(fleet(scoreboard).get("problems")).isEqualTo(this.json.readTree("""
				[{"kind":"WORKER_STOPPED","index":1,"pid":4711,"since":"1970-01-01T00:00:01Z","endedAt":null,
				"text":"Worker 1 is stopped","evidence":"T","remedy":"Let it go on."},
				{"kind":"DISK_FULL","index":null,"pid":null,"since":"1970-01-01T00:00:01Z",
				"endedAt":"1970-01-01T00:00:02Z","text":"Full","evidence":null,"remedy":"Make room."}]"""));
	}

	@Test
	void whatWasHandedOverAndHasNotBegunWaits() {
		Scoreboard scoreboard = Scoreboard.solo();
		WorkerSlot slot = scoreboard.claim(0, 0, 1, 1);
		slot.setState(WorkerState.READY);
		slot.addBusy(4);
		slot.requestBegan();
		slot.requestBegan();
		slot.addWaitingRequests(1);
		assertThat(fleet(scoreboard).at("/workers/0/waitingRequests").asInt()).isEqualTo(3);
		assertThat(fleet(scoreboard).at("/fleet/waitingRequests").asInt()).isEqualTo(3);
		slot.addBusy(-4);
		assertThat(fleet(scoreboard).at("/workers/0/waitingRequests").asInt()).as("asynchronous").isEqualTo(1);
	}

	@Test
	void timelineAndPlacesAreShown() {
		Scoreboard scoreboard = Scoreboard.solo();
		scoreboard.claim(0, 2, 1, 1);
		FleetHistory history = new FleetHistory(
				List.of(new FleetHistory.Entry(0, FleetHistory.Type.SPAWNED, 2, 44, 1, "spawned"),
						new FleetHistory.Entry(1, FleetHistory.Type.PAUSED, -1, 0, 0, "no worker runs")),
				Map.of(), 4, Map.of(FleetReport.ReloadOutcome.FAILED, 1L), new FleetHistory.Spans(0, 0, 0),
				new FleetHistory.Spans(0, 0, 0), List.of(new FleetHistory.Place(2, Map.of(ExitCause.RECYCLE, 4L),
						new FleetHistory.Exit(2, ExitCause.RECYCLE, "replaced: max-requests"))),
				5);
		scoreboard.post(new FleetReport(false, null, List.of(), List.of(), history).toBytes());
		JsonNode fleet = fleet(scoreboard);
		assertThat(fleet.get("events")).isEqualTo(this.json.readTree("""
				[{"at":"1970-01-01T00:00:00Z","type":"SPAWNED","index":2,"pid":44,"generation":1,"text":"spawned"},
				{"at":"1970-01-01T00:00:00.001Z","type":"PAUSED","index":null,"pid":null,"generation":null,
				"text":"no worker runs"}]"""));
		assertThat(fleet.at("/workers/0/restarts")).isEqualTo(this.json.readTree("{\"RECYCLE\":4}"));
		assertThat(fleet.at("/workers/0/lastExit/cause").asString()).isEqualTo("RECYCLE");
		assertThat(fleet.at("/fleet/recycles").asLong()).isEqualTo(4);
	}

	@Test
	void requestsOfThisWorkerAreTold() throws Exception {
		RequestInFlight request = this.requests.begin("GET", "/here;jsessionid=secret", "");
		WorkerDetailDescriptor detail = this.endpoint.worker(0);
		assertThat(detail).isNotNull();
		assertThat(detail.missing()).isNull();
		assertThat(detail.requests()).singleElement().satisfies((seen) -> {
			assertThat(seen.path()).isEqualTo("/here");
			assertThat(seen.state()).isEqualTo(Stage.RUNNING);
			assertThat(seen.thread()).isEqualTo(Thread.currentThread().getName());
			assertThat(seen.frames()).as("where it stands").hasSizeBetween(1, 3);
		});
		request.suspend(null);
		detail = this.endpoint.worker(0);
		assertThat(detail).isNotNull();
		assertThat(detail.requests()).singleElement().satisfies((seen) -> {
			assertThat(seen.state()).isEqualTo(Stage.SUSPENDED);
			assertThat(seen.thread()).isNull();
		});
		assertThat(this.endpoint.worker(1)).isNull();
		assertThat(this.endpoint.worker(-1)).isNull();
	}

	@Test
	void requestThatAsksForItsOwnInterruptIsRefused() {
		this.requests.begin("POST", "/actuator/workers/0", "");
		assertThat(this.insight.interrupt(this.insight.find(0).orElseThrow(), 1))
			.isInstanceOf(PeerAnswer.Refused.class);
	}

	@Test
	void interruptReachesTheThreadOfItsRequestOnly() throws Exception {
		Thread stuck = Thread.ofPlatform().start(() -> {
			RequestInFlight request = this.requests.begin("GET", "/stuck", "");
			try {
				Thread.sleep(Duration.ofMinutes(1));
			}
			catch (InterruptedException ex) {
				request.end();
			}
		});
		CountDownLatch mayEnd = new CountDownLatch(1);
		Thread other = Thread.ofPlatform().start(() -> {
			RequestInFlight request = this.requests.begin("GET", "/other", "");
			try {
				mayEnd.await();
				request.end();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
		while (this.requests.snapshot().size() < 2) {
			Thread.onSpinWait();
		}
		long number = this.requests.snapshot()
			.stream()
			.filter((request) -> request.path().equals("/stuck"))
			.findFirst()
			.orElseThrow()
			.number();
		assertThat(this.insight.interrupt(this.insight.find(0).orElseThrow(), number)).isInstanceOfSatisfying(
				PeerAnswer.Answered.class,
				(answer) -> assertThat(WorkerInsight.readInterruption(answer.body()).orElseThrow().text())
					.contains("Interrupted GET /stuck")
					.endsWith("it has ended"));
		stuck.join();
		assertThat(this.insight.interrupt(this.insight.find(0).orElseThrow(), number)).isInstanceOfSatisfying(
				PeerAnswer.Answered.class,
				(answer) -> assertThat(WorkerInsight.readInterruption(answer.body())).isEmpty());
		assertThat(other.isAlive()).isTrue();
		mayEnd.countDown();
		other.join();
		assertThat(this.requests.snapshot()).isEmpty();
	}

	@Test
	void interruptThatDoesNotEndItsRequestHasNotSucceeded() throws Exception {
		CountDownLatch mayEnd = new CountDownLatch(1);
		Thread deaf = Thread.ofPlatform().start(() -> {
			RequestInFlight request = this.requests.begin("GET", "/deaf", "");
			boolean ended = false;
			while (!ended) {
				try {
					mayEnd.await();
					ended = true;
				}
				catch (InterruptedException ex) {
					// Goes on
				}
			}
			request.end();
		});
		while (this.requests.snapshot().isEmpty()) {
			Thread.onSpinWait();
		}
		assertThat(this.insight.interrupt(this.insight.find(0).orElseThrow(), 1)).isInstanceOfSatisfying(
				PeerAnswer.Answered.class,
				(answer) -> assertThat(WorkerInsight.readInterruption(answer.body()).orElseThrow())
					.satisfies((done) -> assertThat(done.ended()).isFalse())
					.satisfies((done) -> assertThat(done.text()).startsWith("Interrupted GET /deaf")));
		mayEnd.countDown();
		deaf.join();
	}

	@Test
	void threadDumpHasVirtualThreads() throws Exception {
		Thread virtual = Thread.ofVirtual().name("a-virtual-thread").start(() -> {
			try {
				Thread.sleep(Duration.ofMinutes(1));
			}
			catch (InterruptedException ex) {
				// Ends
			}
		});
		try {
			assertThat(this.insight.threads(this.insight.find(0).orElseThrow())).isInstanceOfSatisfying(
					PeerAnswer.Answered.class,
					(answer) -> assertThat(new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8))
						.contains("a-virtual-thread"));
		}
		finally {
			virtual.interrupt();
			virtual.join();
		}
	}

}
