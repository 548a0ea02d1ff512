package dev.tomcorn.actuate;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.worker.Worker;
import dev.tomcorn.worker.WorkerProcess;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * {@link Endpoint @Endpoint} that shows the whole fleet, whichever worker answers.
 */
@Endpoint(id = "workers", defaultAccess = Access.READ_ONLY)
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
	 * @return the arbiter, the workers that have not ended, and what happened lately
	 */
	// The web extension's operation takes the place of one that produces the same
	@ReadOperation(producesFrom = FleetFormat.class)
	public FleetDescriptor workers() {
		Scoreboard scoreboard = this.process.scoreboard();
		if (!this.process.isSupervised()) {
			// There is no heartbeat to fall silent: answering is the sign of life
			this.process.slot().beat();
		}
		return FleetDescriptor.of(this.worker.workerClass(), this.process.isSupervised(), scoreboard);
	}

}
