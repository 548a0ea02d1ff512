package dev.tomcorn.metrics;

import java.util.Locale;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.worker.WorkerProcess;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Binds the meters of this worker, tagged by its index, and those of the fleet, which
 * every worker reports alike.
 */
public final class WorkerMetrics implements MeterBinder {

	private final WorkerProcess process;

	/**
	 * Create the binder.
	 * @param process the worker
	 */
	public WorkerMetrics(WorkerProcess process) {
		this.process = process;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		for (WorkerState state : WorkerState.values()) {
			if (state != WorkerState.VACANT) {
				Gauge.builder("tomcorn.workers", this.process, (worker) -> count(worker, state))
					.description("Number of workers of the fleet")
					.baseUnit("workers")
					.tag("state", state.name().toLowerCase(Locale.ROOT))
					.register(registry);
			}
		}
		WorkerSlot slot = this.process.slot();
		Tags tags = Tags.of("worker", Integer.toString(slot.index()));
		Gauge.builder("tomcorn.requests.active", slot, WorkerSlot::activeRequests)
			.description("Number of requests that have begun and not ended")
			.baseUnit("requests")
			.tags(tags)
			.register(registry);
		FunctionCounter.builder("tomcorn.requests.handled", slot, WorkerSlot::handledRequests)
			.description("Number of requests that have ended")
			.baseUnit("requests")
			.tags(tags)
			.register(registry);
		Gauge.builder("tomcorn.connections.open", slot, WorkerSlot::openConnections)
			.description("Number of connections that were taken and not closed")
			.baseUnit("connections")
			.tags(tags)
			.register(registry);
	}

	private static long count(WorkerProcess process, WorkerState state) {
		return process.scoreboard().slots().stream().filter((slot) -> slot.state() == state).count();
	}

}
