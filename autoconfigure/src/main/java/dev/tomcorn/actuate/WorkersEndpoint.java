package dev.tomcorn.actuate;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.worker.Worker;
import dev.tomcorn.worker.WorkerProcess;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * {@link Endpoint @Endpoint} that shows the whole fleet, whichever worker answers.
 */
@Endpoint(id = "workers")
public final class WorkersEndpoint {

	private final WorkerProcess process;

	private final Worker worker;

	/**
	 * Create the endpoint.
	 * @param process the worker that answers
	 * @param worker its description
	 */
	public WorkersEndpoint(WorkerProcess process, Worker worker) {
		this.process = process;
		this.worker = worker;
	}

	/**
	 * Return the fleet.
	 * @return the arbiter and the workers that have not ended, by index and age
	 */
	@ReadOperation
	public FleetDescriptor workers() {
		Scoreboard scoreboard = this.process.scoreboard();
		if (!this.process.isSupervised()) {
			// There is no heartbeat to fall silent: answering is the sign of life
			this.process.slot().beat();
		}
		List<WorkerDescriptor> workers = scoreboard.slots()
			.stream()
			.filter((slot) -> slot.state() != WorkerState.VACANT)
			.map(WorkerDescriptor::of)
			.sorted(Comparator.comparingInt(WorkerDescriptor::index).thenComparingLong(WorkerDescriptor::age))
			.toList();
		return new FleetDescriptor(this.worker.workerClass(),
				this.process.isSupervised() ? ArbiterDescriptor.of(scoreboard) : null, workers);
	}

	/**
	 * The fleet.
	 *
	 * @param workerClass how each worker runs requests
	 * @param arbiter the supervising process, {@code null} when solo
	 * @param workers the workers
	 */
	public record FleetDescriptor(String workerClass,
			@JsonInclude(JsonInclude.Include.ALWAYS) @Nullable ArbiterDescriptor arbiter,
			List<WorkerDescriptor> workers) {

	}

	/**
	 * The supervising process.
	 *
	 * @param pid its process id
	 * @param startedAt when it started
	 * @param generation number of the current load of the application, from 1
	 * @param targetWorkers how many workers there are to be
	 */
	public record ArbiterDescriptor(long pid, Instant startedAt, int generation, int targetWorkers) {

		static ArbiterDescriptor of(Scoreboard scoreboard) {
			return new ArbiterDescriptor(scoreboard.arbiterPid(), scoreboard.startedAt(), scoreboard.generation(),
					scoreboard.targetWorkers());
		}

	}

	/**
	 * A worker.
	 *
	 * @param index its place in the fleet, from 0
	 * @param pid its process id
	 * @param state what it does
	 * @param generation number of the load of the application that it runs
	 * @param age how many workers were spawned before it, plus one
	 * @param startedAt when it was spawned
	 * @param bootMillis time from spawn to ready in milliseconds, 0 until it is ready
	 * @param activeRequests requests that have begun and not ended
	 * @param waitingRequests those of the active requests that wait for the worker's
	 * limit to let them run
	 * @param openConnections connections it has taken and not closed
	 * @param handledRequests requests that have ended
	 * @param heartbeatAgeMillis time since it last showed that it is alive, in
	 * milliseconds
	 */
	public record WorkerDescriptor(int index, long pid, WorkerState state, int generation, long age, Instant startedAt,
			long bootMillis, int activeRequests, int waitingRequests, int openConnections, long handledRequests,
			long heartbeatAgeMillis) {

		static WorkerDescriptor of(WorkerSlot slot) {
			return new WorkerDescriptor(slot.index(), slot.pid(), slot.state(), slot.generation(), slot.age(),
					slot.startedAt(), slot.bootTime().toMillis(), slot.activeRequests(), slot.waitingRequests(),
					slot.openConnections(), slot.handledRequests(), slot.heartbeatAge().toMillis());
		}

	}

}
