package dev.tomcorn.metrics;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.arbiter.FleetHistory;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.PostedReport;
import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.core.problem.Problems;
import dev.tomcorn.core.scoreboard.ListenerQueue;
import dev.tomcorn.core.scoreboard.ListenerTable;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.worker.WorkerProcess;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.jspecify.annotations.Nullable;

/**
 * Binds the meters of the fleet. Every worker reads the same values from the scoreboard.
 * Counters count from the arbiter's start.
 */
final class FleetMetrics implements MeterBinder {

	private static final String LISTENER = "listener";

	private final Scoreboard scoreboard;

	private final PostedReport report;

	private final ListenerTable listeners;

	/**
	 * Create the binder.
	 * @param process the worker
	 */
	FleetMetrics(WorkerProcess process) {
		this.scoreboard = process.scoreboard();
		this.report = new PostedReport(this.scoreboard::notice);
		this.listeners = process.listeners();
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		bindWorkers(registry);
		bindListener(registry);
		this.listeners.listeners().forEach((listener) -> bindListener(listener, registry));
		bindHistory(registry);
		bindProblems(registry);
	}

	private void bindWorkers(MeterRegistry registry) {
		for (WorkerState state : WorkerState.values()) {
			if (state != WorkerState.VACANT) {
				Gauge
					.builder("tomcorn.workers", this.scoreboard,
							(board) -> board.slots().stream().filter((slot) -> slot.state() == state).count())
					.description("Workers of the fleet")
					.baseUnit("workers")
					.tag("state", lowerCase(state))
					.register(registry);
			}
		}
		gauge(registry, "tomcorn.workers.target", null, "Target number of serving workers", Scoreboard::targetWorkers);
		gauge(registry, "tomcorn.workers.silent", null, "Workers without a sign of life for two seconds",
				(board) -> board.slots().stream().filter(WorkerSlot::isSilent).count());
		gauge(registry, "tomcorn.saturation", null, "Share of the capacity of serving workers that requests take up",
				Scoreboard::saturation);
	}

	private void bindProblems(MeterRegistry registry) {
		for (ProblemKind kind : ProblemKind.values()) {
			Gauge
				.builder("tomcorn.problems", this.scoreboard,
						(board) -> Problems.of(board, this.report.get())
							.stream()
							.filter((problem) -> problem.kind() == kind && problem.ongoing())
							.count())
				.description("Current problems")
				.baseUnit("problems")
				.tag("kind", lowerCase(kind))
				.register(registry);
		}
	}

	private void bindListener(MeterRegistry registry) {
		gauge(registry, "tomcorn.listener.queue", "connections", "Connections that wait in the kernel's queue",
				(board) -> ofQueue(board, ListenerQueue.Reading::length));
		gauge(registry, "tomcorn.listener.queue.limit", "connections",
				"Connections beyond which the kernel accepts no more",
				(board) -> ofQueue(board, ListenerQueue.Reading::limit));
		TimeGauge
			.builder("tomcorn.listener.wait", this.scoreboard, TimeUnit.NANOSECONDS,
					(board) -> ofQueue(board, (reading) -> reading.waitTime().toNanos()))
			.description("Estimated time that a connection waits in the kernel's queue")
			.register(registry);
	}

	private static void bindListener(ListenerTable.Listener listener, MeterRegistry registry) {
		String prefix = "tomcorn.listener.socket.";
		Gauge.builder(prefix + "queue", listener.queue(), (queue) -> ofQueue(queue, ListenerQueue.Reading::length))
			.description("Connections that wait in the kernel's queue of a listening socket")
			.baseUnit("connections")
			.tag(LISTENER, listener.name())
			.register(registry);
		Gauge.builder(prefix + "queue.limit", listener.queue(), (queue) -> ofQueue(queue, ListenerQueue.Reading::limit))
			.description("Connections beyond which the kernel accepts no more at a listening socket")
			.baseUnit("connections")
			.tag(LISTENER, listener.name())
			.register(registry);
		TimeGauge
			.builder(prefix + "wait", listener.queue(), TimeUnit.NANOSECONDS,
					(queue) -> ofQueue(queue, (reading) -> reading.waitTime().toNanos()))
			.description("Estimated time that a connection waits in the kernel's queue of a listening socket")
			.tag(LISTENER, listener.name())
			.register(registry);
		FunctionCounter.builder(prefix + "connections", listener.queue(), ListenerQueue::takenConnections)
			.description("Connections that workers have taken from a listening socket")
			.baseUnit("connections")
			.tag(LISTENER, listener.name())
			.register(registry);
	}

	private static double ofQueue(Scoreboard board, ToDoubleFunction<ListenerQueue.Reading> value) {
		return ofQueue(board.listenerQueue(), value);
	}

	private static double ofQueue(ListenerQueue queue, ToDoubleFunction<ListenerQueue.Reading> value) {
		ListenerQueue.Reading reading = queue.reading();
		return (reading != null) ? value.applyAsDouble(reading) : Double.NaN;
	}

	private void bindHistory(MeterRegistry registry) {
		for (ExitCause cause : ExitCause.DEATHS) {
			counter(registry, "tomcorn.deaths", "deaths", "Unplanned deaths of workers", "cause", lowerCase(cause),
					(history) -> history.deaths().getOrDefault(cause, 0L));
		}
		for (FleetReport.ReloadOutcome outcome : FleetReport.ReloadOutcome.values()) {
			if (outcome != FleetReport.ReloadOutcome.RUNNING) {
				counter(registry, "tomcorn.reloads", "reloads", "Reloads that have ended", "outcome",
						lowerCase(outcome), (history) -> history.reloads().getOrDefault(outcome, 0L));
			}
		}
		FunctionCounter.builder("tomcorn.recycles", this.report, (posted) -> history(posted).recycles())
			.description("Workers that were replaced because they had reached a limit")
			.baseUnit("recycles")
			.register(registry);
		FunctionCounter.builder("tomcorn.requests.lost", this.report, (posted) -> history(posted).lostRequests())
			.description("Requests that were in flight in workers that ended")
			.register(registry);
		FunctionCounter.builder("tomcorn.boots", this.report, (posted) -> history(posted).boots().count())
			.description("Workers that have become ready")
			.baseUnit("boots")
			.register(registry);
		spans(registry, "tomcorn.boot.time", "Time that workers took from spawn to ready", FleetHistory::boots);
		spans(registry, "tomcorn.drain.time", "Time that workers took from the request to end to their exit",
				FleetHistory::drains);
	}

	private void counter(MeterRegistry registry, String name, String unit, String description, String tag, String value,
			ToDoubleFunction<FleetHistory> count) {
		FunctionCounter.builder(name, this.report, (posted) -> count.applyAsDouble(history(posted)))
			.description(description)
			.baseUnit(unit)
			.tag(tag, value)
			.register(registry);
	}

	private void spans(MeterRegistry registry, String name, String description,
			Function<FleetHistory, FleetHistory.Spans> spans) {
		FunctionTimer
			.builder(name, this.report, (posted) -> spans.apply(history(posted)).count(),
					(posted) -> spans.apply(history(posted)).sumMillis(), TimeUnit.MILLISECONDS)
			.description(description)
			.register(registry);
		TimeGauge
			.builder(name + ".max", this.report, TimeUnit.MILLISECONDS,
					(posted) -> spans.apply(history(posted)).maxMillis())
			.description(description + ", at most")
			.register(registry);
	}

	private static FleetHistory history(PostedReport report) {
		return report.get().history();
	}

	private void gauge(MeterRegistry registry, String name, @Nullable String unit, String description,
			ToDoubleFunction<Scoreboard> value) {
		Gauge.builder(name, this.scoreboard, value).description(description).baseUnit(unit).register(registry);
	}

	private static String lowerCase(Enum<?> value) {
		return value.name().toLowerCase(Locale.ROOT);
	}

}
