package dev.tomcorn.core.shell;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;

import dev.tomcorn.core.arbiter.FleetHistory;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.problem.Problems;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.core.status.FleetDescriptor;
import dev.tomcorn.core.status.WorkerDescriptor;
import dev.tomcorn.core.status.WorkerDescriptor.QueueTimeDescriptor;

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
	 * Return how long requests wait in the workers, empty if none has ended recently. The
	 * mean is that of the worst worker.
	 */
	Optional<QueueTimeDescriptor> queueTime() {
		return queueTime(describe().workers());
	}

	private static Optional<QueueTimeDescriptor> queueTime(List<WorkerDescriptor> workers) {
		return workers.stream()
			.filter((worker) -> !worker.silent())
			.flatMap((worker) -> worker.queueTime().stream())
			.reduce((a, b) -> new QueueTimeDescriptor(Math.max(a.meanMillis(), b.meanMillis()),
					Math.max(a.maxMillis(), b.maxMillis())));
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
	 * Return the fleet for scripts: what the endpoint has, without workers and events,
	 * and what only an onlooker sees.
	 */
	Map<String, Object> status() {
		FleetDescriptor descriptor = describe();
		SequencedMap<String, Object> values = RecordValues.of(descriptor);
		values.keySet().removeAll(List.of("workers", "events"));
		values.putFirst("problems", Objects.requireNonNull(values.get("problems")));
		values.put("runDirectory", this.fleet.directory().toString());
		Map<String, Object> arbiter = RecordValues.of(descriptor.arbiter().orElseThrow());
		arbiter.put("frozen", this.fleet.isFrozen());
		arbiter.put("ignoresHup", this.fleet.identity().ignoresHup());
		values.put("arbiter", arbiter);
		Map<String, Object> totals = RecordValues.of(descriptor.fleet());
		List<WorkerDescriptor> workers = descriptor.workers();
		totals.put("silent", workers.stream().filter(WorkerDescriptor::silent).count());
		totals.put("capacity", workers.stream().mapToLong(WorkerDescriptor::capacity).sum());
		RecordValues.put(totals, "queueTime", queueTime(workers));
		values.put("fleet", totals);
		RecordValues.put(values, "recyclings", recyclings().stream().map(Recycling::of).toList());
		return values;
	}

	/**
	 * Return the workers for scripts, as the endpoint has them.
	 */
	Map<String, Object> workers() {
		Map<String, Object> values = RecordValues.of(describe());
		values.keySet().retainAll(List.of("workers"));
		return values;
	}

	private FleetDescriptor describe() {
		String workerClass = this.fleet.identity().workerClass();
		return FleetDescriptor.of(workerClass.isEmpty() ? null : workerClass, true, this.fleet.scoreboard(),
				this.fleet.listeners(), this.slots, this.report, this.problems, UnaryOperator.identity());
	}

	/**
	 * A worker that was replaced because it had reached a limit.
	 */
	private record Recycling(int index, long pid, Instant at, String reason) {

		static Recycling of(FleetHistory.Entry event) {
			return new Recycling(event.index(), event.pid(), Instant.ofEpochMilli(event.at()), event.text());
		}

	}

}
