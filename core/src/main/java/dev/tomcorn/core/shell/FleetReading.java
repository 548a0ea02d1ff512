package dev.tomcorn.core.shell;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;

import dev.tomcorn.core.arbiter.ApplicationRelease;
import dev.tomcorn.core.arbiter.FleetHistory;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.problem.Problems;
import dev.tomcorn.core.process.FleetIdentity;
import dev.tomcorn.core.scoreboard.ListenerQueue;
import dev.tomcorn.core.scoreboard.ListenerTable;
import dev.tomcorn.core.scoreboard.WorkerFigures;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.jspecify.annotations.Nullable;

/**
 * A fleet at one moment, read from its scoreboard alone. No process needs to answer.
 *
 * @param fleet the fleet
 * @param slots its workers, by index and age
 * @param report the report that the arbiter has posted
 * @param problems current problems and those that have just ended
 */
record FleetReading(RunningFleet fleet, List<WorkerSlot> slots, FleetReport report, List<Problem> problems) {

	private static final int MAX_RECYCLINGS = 3;

	private static final double DECIMALS = 1e4;

	static FleetReading of(RunningFleet fleet) {
		FleetReport report = FleetReport.ofBytes(fleet.scoreboard().notice());
		return new FleetReading(fleet, fleet.scoreboard().workers(), report, Problems.of(fleet.scoreboard(), report));
	}

	long ready() {
		return this.slots.stream().filter((slot) -> slot.state() == WorkerState.READY).count();
	}

	long silent() {
		return this.slots.stream().filter(WorkerSlot::isSilent).count();
	}

	/**
	 * Return the indexes of the workers that show no sign of life.
	 */
	String silentWorkers() {
		List<String> indices = this.slots.stream()
			.filter(WorkerSlot::isSilent)
			.map((slot) -> Integer.toString(slot.index()))
			.toList();
		return ((indices.size() == 1) ? "worker " : "workers ") + String.join(", ", indices);
	}

	double requestsPerSecond() {
		return this.slots.stream()
			.filter((slot) -> !slot.isSilent())
			.mapToDouble((slot) -> slot.figures().requestsPerSecond())
			.sum();
	}

	/**
	 * Return how long requests wait in the workers, or {@code null} if none has ended
	 * recently. The mean is that of the worst worker.
	 */
	WorkerFigures.@Nullable QueueTime queueTime() {
		return this.slots.stream()
			.filter((slot) -> !slot.isSilent())
			.map((slot) -> slot.figures().queueTime())
			.filter(Objects::nonNull)
			.reduce((a, b) -> new WorkerFigures.QueueTime(Math.max(a.meanMillis(), b.meanMillis()),
					Math.max(a.maxMillis(), b.maxMillis())))
			.orElse(null);
	}

	/**
	 * Return the last workers that were replaced because they had reached a limit, latest
	 * first.
	 */
	List<FleetHistory.Entry> recyclings() {
		return this.report.history()
			.events()
			.reversed()
			.stream()
			.filter((event) -> event.type() == FleetHistory.Type.RECYCLING)
			.limit(MAX_RECYCLINGS)
			.toList();
	}

	long sum(ToLongFunction<WorkerSlot> figure) {
		return this.slots.stream().mapToLong(figure).sum();
	}

	/**
	 * Return the fleet for scripts, with the names of the endpoint.
	 */
	Map<String, Object> status() {
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("problems", this.problems.stream().map(FleetReading::problem).toList());
		putNullable(values, "application", application(this.fleet.identity()));
		values.put("runDirectory", this.fleet.directory().toString());
		Map<String, Object> arbiter = new LinkedHashMap<>();
		arbiter.put("pid", this.fleet.pid());
		arbiter.put("startedAt", this.fleet.scoreboard().startedAt().toString());
		arbiter.put("generation", this.fleet.scoreboard().generation());
		arbiter.put("targetWorkers", this.fleet.scoreboard().targetWorkers());
		arbiter.put("paused", this.report.paused());
		arbiter.put("frozen", this.fleet.isFrozen());
		arbiter.put("ignoresHup", this.fleet.identity().ignoresHup());
		values.put("arbiter", arbiter);
		String workerClass = this.fleet.identity().workerClass();
		putNullable(values, "workerClass", workerClass.isEmpty() ? null : workerClass);
		Map<String, Object> totals = new LinkedHashMap<>();
		totals.put("ready", ready());
		totals.put("silent", silent());
		totals.put("requestsPerSecond", rounded(requestsPerSecond()));
		totals.put("activeRequests", sum(WorkerSlot::activeRequests));
		totals.put("waitingRequests", sum(WorkerSlot::waiting));
		totals.put("handledRequests", this.fleet.scoreboard().totals().handledRequests());
		totals.put("failedRequests", this.fleet.scoreboard().totals().failedRequests());
		totals.put("lostRequests", this.report.history().lostRequests());
		totals.put("capacity", sum(WorkerSlot::capacity));
		putNullable(totals, "queueTime", queueTime(queueTime()));
		totals.put("openConnections", sum(WorkerSlot::openConnections));
		totals.put("saturation", rounded(this.fleet.scoreboard().saturation()));
		putNullable(totals, "backlog", backlog(this.fleet.scoreboard().listenerQueue().reading()));
		values.put("fleet", totals);
		values.put("listeners", this.fleet.listeners().listeners().stream().map(FleetReading::listener).toList());
		putNullable(values, "release", release(this.report.releases().current()));
		putNullable(values, "waitingRelease", release(this.report.releases().waiting()));
		putNullable(values, "reload", reload(this.report.reload()));
		values.put("crashLoops", this.report.crashLoops().stream().map(FleetReading::crashLoop).toList());
		values.put("deaths", this.report.deaths().stream().map(FleetReading::death).toList());
		values.put("recyclings", recyclings().stream().map(FleetReading::recycling).toList());
		return values;
	}

	/**
	 * Return the workers for scripts.
	 */
	Map<String, Object> workers() {
		return Map.of("workers", this.slots.stream().map(FleetReading::worker).toList());
	}

	private static Map<String, Object> worker(WorkerSlot slot) {
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("index", slot.index());
		values.put("pid", slot.pid());
		values.put("state", slot.state().name());
		values.put("generation", slot.generation());
		values.put("age", slot.age());
		values.put("startedAt", slot.startedAt().toString());
		values.put("bootMillis", slot.bootTime().toMillis());
		values.put("activeRequests", slot.activeRequests());
		values.put("waitingRequests", slot.waiting());
		values.put("openConnections", slot.openConnections());
		values.put("handledRequests", slot.handledRequests());
		values.put("heartbeatAgeMillis", slot.heartbeatAge().toMillis());
		values.put("silent", slot.isSilent());
		WorkerFigures figures = slot.figures();
		values.put("leader", slot.leader());
		values.put("capacity", slot.capacity());
		values.put("requestsPerSecond", rounded(figures.requestsPerSecond()));
		values.put("failedRequests", slot.failedRequests());
		putNullable(values, "latency", latency(figures.latency()));
		putNullable(values, "oldestRequest", (slot.activeRequests() > 0) ? oldest(figures.oldestRequest()) : null);
		values.put("busyRatio", rounded(figures.busyRatio()));
		values.put("cpuRatio", rounded(figures.cpuRatio()));
		values.put("gcRatio", rounded(figures.gcRatio()));
		values.put("residentBytes", slot.residentMemory());
		values.put("heapBytes", slot.heapUsed());
		values.put("heapMaxBytes", slot.heapMax());
		return values;
	}

	private static @Nullable Map<String, Object> application(FleetIdentity identity) {
		if (!identity.isKnown()) {
			return null;
		}
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("name", identity.name());
		values.put("port", identity.port());
		putNullable(values, "managementPort", (identity.managementPort() != 0) ? identity.managementPort() : null);
		putNullable(values, "jar", identity.jar().isEmpty() ? null : identity.jar());
		putNullable(values, "mainClass", identity.mainClass().isEmpty() ? null : identity.mainClass());
		return values;
	}

	private static @Nullable Map<String, Object> latency(WorkerFigures.@Nullable Latency latency) {
		return (latency == null) ? null
				: Map.of("meanMillis", rounded(latency.meanMillis()), "p50Millis", rounded(latency.p50Millis()),
						"p99Millis", rounded(latency.p99Millis()), "maxMillis", rounded(latency.maxMillis()));
	}

	private static @Nullable Map<String, Object> queueTime(WorkerFigures.@Nullable QueueTime time) {
		return (time == null) ? null
				: Map.of("meanMillis", rounded(time.meanMillis()), "maxMillis", rounded(time.maxMillis()));
	}

	private static @Nullable Map<String, Object> oldest(WorkerFigures.@Nullable OldestRequest request) {
		if (request == null) {
			return null;
		}
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("id", request.id());
		values.put("method", request.method());
		values.put("path", request.path());
		values.put("ageMillis", request.age().toMillis());
		putNullable(values, "frame", request.frame().isEmpty() ? null : request.frame());
		return values;
	}

	private static Map<String, Object> problem(Problem problem) {
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("kind", problem.kind().name());
		putNullable(values, "index", (problem.worker() != Problem.FLEET) ? problem.worker() : null);
		putNullable(values, "pid", (problem.pid() != 0) ? problem.pid() : null);
		values.put("since", Instant.ofEpochMilli(problem.since()).toString());
		putNullable(values, "endedAt", problem.ongoing() ? null : Instant.ofEpochMilli(problem.endedAt()).toString());
		values.put("text", problem.text());
		putNullable(values, "evidence", problem.evidence().isEmpty() ? null : problem.evidence());
		values.put("remedy", problem.remedy());
		return values;
	}

	private static Map<String, Object> recycling(FleetHistory.Entry event) {
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("index", event.index());
		values.put("pid", event.pid());
		values.put("at", Instant.ofEpochMilli(event.at()).toString());
		values.put("reason", event.text());
		return values;
	}

	private static Map<String, Object> listener(ListenerTable.Listener listener) {
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("address", listener.name());
		values.put("external", listener.foreign());
		putNullable(values, "backlog", backlog(listener.queue().reading()));
		values.put("connections", listener.queue().takenConnections());
		return values;
	}

	private static @Nullable Map<String, Object> backlog(ListenerQueue.@Nullable Reading backlog) {
		return (backlog == null) ? null : Map.of("length", backlog.length(), "limit", backlog.limit(), "waitMillis",
				backlog.waitTime().toMillis());
	}

	/**
	 * Return a rounded number, and 0 for one that JSON cannot represent.
	 */
	private static double rounded(double number) {
		return Double.isFinite(number) ? Math.round(number * DECIMALS) / DECIMALS : 0;
	}

	private static @Nullable Map<String, Object> release(ApplicationRelease release) {
		return !release.kept() ? null : Map.of("key", release.shortKey(), "jar", release.jar(), "firstSeenAt",
				Instant.ofEpochMilli(release.since()).toString());
	}

	private static @Nullable Map<String, Object> reload(FleetReport.@Nullable ReloadReport reload) {
		if (reload == null) {
			return null;
		}
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("generation", reload.generation());
		values.put("outcome", reload.outcome().name());
		values.put("startedAt", Instant.ofEpochMilli(reload.startedAt()).toString());
		putNullable(values, "endedAt",
				(reload.endedAt() != 0) ? Instant.ofEpochMilli(reload.endedAt()).toString() : null);
		putNullable(values, "cause", reload.cause().isEmpty() ? null : reload.cause());
		putNullable(values, "failureReport", reload.failure().isEmpty() ? null : reload.failure());
		return values;
	}

	private static Map<String, Object> crashLoop(FleetReport.CrashLoop loop) {
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("index", loop.index());
		values.put("deaths", loop.deaths());
		values.put("respawnAt", Instant.ofEpochMilli(loop.respawnAt()).toString());
		return values;
	}

	private static Map<String, Object> death(FleetReport.DeathReport death) {
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("index", death.index());
		values.put("pid", death.pid());
		values.put("generation", death.generation());
		values.put("at", Instant.ofEpochMilli(death.at()).toString());
		values.put("cause", death.death().cause().name());
		values.put("description", death.death().description());
		putNullable(values, "incident", death.incident().isEmpty() ? null : death.incident());
		return values;
	}

	@SuppressWarnings("NullAway") // JSON has a null
	private static void putNullable(Map<String, Object> values, String name, @Nullable Object value) {
		values.put(name, value);
	}

}
