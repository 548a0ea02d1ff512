package dev.tomcorn.metrics;

import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

import dev.tomcorn.core.scoreboard.WorkerFigures;
import dev.tomcorn.core.scoreboard.WorkerFigures.VirtualThreads;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.request.RequestFigures;
import dev.tomcorn.worker.WorkerProcess;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.jspecify.annotations.Nullable;

/**
 * Binds the meters of this worker, tagged by its index. They read existing counters, so
 * that they add no cost to a request.
 */
final class WorkerMetrics implements MeterBinder {

	private final WorkerSlot slot;

	private final RequestFigures figures;

	/**
	 * Create the binder.
	 * @param process the worker
	 * @param figures figures of its requests
	 */
	WorkerMetrics(WorkerProcess process, RequestFigures figures) {
		this.slot = process.slot();
		this.figures = figures;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		Tags tags = Tags.of("worker", Integer.toString(this.slot.index()));
		bindRequests(registry, tags);
		bindProcess(registry, tags);
		bindVirtualThreads(registry, tags);
	}

	private void bindRequests(MeterRegistry registry, Tags tags) {
		gauge(registry, tags, "tomcorn.requests.active", null, "Requests that have begun and not ended",
				WorkerSlot::activeRequests);
		gauge(registry, tags, "tomcorn.requests.waiting", null, "Requests that wait in the worker to be run",
				WorkerSlot::waiting);
		gauge(registry, tags, "tomcorn.connections.open", null, "Connections that were taken and not closed",
				WorkerSlot::openConnections);
		FunctionCounter.builder("tomcorn.requests.handled", this.slot, WorkerSlot::handledRequests)
			.description("Requests that have ended")
			.tags(tags)
			.register(registry);
		FunctionCounter.builder("tomcorn.requests.failed", this.slot, WorkerSlot::failedRequests)
			.description("Requests that have ended with a status of 500 or more or with an exception")
			.tags(tags)
			.register(registry);
		timer(registry, tags.and("stage", "waiting"), RequestFigures::waitingNanos);
		timer(registry, tags.and("stage", "executing"), RequestFigures::executingNanos);
	}

	private void timer(MeterRegistry registry, Tags tags, ToLongFunction<RequestFigures> nanos) {
		FunctionTimer
			.builder("tomcorn.request.time", this.figures, RequestFigures::count, nanos::applyAsLong,
					TimeUnit.NANOSECONDS)
			.description("Time of requests in the worker, waiting to run and executing")
			.tags(tags)
			.register(registry);
	}

	private void bindProcess(MeterRegistry registry, Tags tags) {
		gauge(registry, tags, "tomcorn.worker.saturation", null, "Share of the worker's capacity that requests take up",
				WorkerMetrics::saturation);
		gauge(registry, tags, "tomcorn.worker.resident.memory", "bytes", "Physical memory that the worker occupies",
				WorkerSlot::residentMemory);
		gauge(registry, tags, "tomcorn.worker.cpu", null, "CPUs that the worker uses, over a second",
				(slot) -> slot.figures().cpuRatio());
		gauge(registry, tags, "tomcorn.worker.gc", null, "Share of time in which garbage collection pauses the worker",
				(slot) -> slot.figures().gcRatio());
		gauge(registry, tags, "tomcorn.worker.leader", null, "Whether the worker is the leader, 1 or 0",
				(slot) -> slot.leader() ? 1 : 0);
		TimeGauge
			.builder("tomcorn.worker.heartbeat.age", this.slot, TimeUnit.NANOSECONDS,
					(slot) -> slot.heartbeatAge().toNanos())
			.description("Time since the worker last showed that it is alive")
			.tags(tags)
			.register(registry);
		TimeGauge
			.builder("tomcorn.worker.boot.time", this.slot, TimeUnit.MILLISECONDS, (slot) -> slot.bootTime().toMillis())
			.description("Time that the worker took from spawn to ready")
			.tags(tags)
			.register(registry);
	}

	private void bindVirtualThreads(MeterRegistry registry, Tags tags) {
		gauge(registry, tags.and("state", "mounted"), "tomcorn.virtual.threads", "threads",
				"Virtual threads that have a carrier, or wait for one",
				(slot) -> ofThreads(slot, VirtualThreads::mounted));
		gauge(registry, tags.and("state", "queued"), "tomcorn.virtual.threads", "threads",
				"Virtual threads that have a carrier, or wait for one",
				(slot) -> ofThreads(slot, VirtualThreads::queued));
		gauge(registry, tags, "tomcorn.virtual.threads.parallelism", null,
				"Target number of carriers of the scheduler of virtual threads",
				(slot) -> ofThreads(slot, VirtualThreads::parallelism));
	}

	private void gauge(MeterRegistry registry, Tags tags, String name, @Nullable String unit, String description,
			ToDoubleFunction<WorkerSlot> value) {
		Gauge.builder(name, this.slot, value).description(description).baseUnit(unit).tags(tags).register(registry);
	}

	private static double saturation(WorkerSlot slot) {
		int capacity = slot.capacity();
		return (capacity > 0) ? Math.min(1, (double) slot.runningRequests() / capacity) : 0;
	}

	private static double ofThreads(WorkerSlot slot, ToDoubleFunction<VirtualThreads> value) {
		WorkerFigures figures = slot.figures();
		return (figures.virtualThreads() != null) ? value.applyAsDouble(figures.virtualThreads()) : Double.NaN;
	}

}
