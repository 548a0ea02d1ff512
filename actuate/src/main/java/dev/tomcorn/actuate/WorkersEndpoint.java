package dev.tomcorn.actuate;

import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;

import dev.tomcorn.Worker;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.status.FleetDescriptor;
import dev.tomcorn.core.status.WorkerDescriptor;
import dev.tomcorn.peer.Peer;
import dev.tomcorn.peer.PeerAnswer;
import dev.tomcorn.worker.WorkerProcess;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * {@link Endpoint @Endpoint} that shows the whole fleet, whichever worker answers.
 */
@Endpoint(id = "workers", defaultAccess = Access.READ_ONLY)
public final class WorkersEndpoint {

	/**
	 * Configuration values in Boot's failure reports, which may be secrets.
	 */
	private static final Pattern VALUES = Pattern.compile("^(\\s*(?:Value|Reason): ).*$", Pattern.MULTILINE);

	private final WorkerProcess process;

	private final Worker worker;

	private final WorkerInsight insight;

	/**
	 * Create the endpoint.
	 * @param process the worker that answers
	 * @param worker its description
	 * @param insight reads what only workers themselves know
	 */
	public WorkersEndpoint(WorkerProcess process, Worker worker, WorkerInsight insight) {
		this.process = process;
		this.worker = worker;
		this.insight = insight;
	}

	/**
	 * Return the fleet.
	 * @return the arbiter, the workers that have not ended, and recent events
	 */
	// Produces the same as the web extension's operation, which replaces it
	@ReadOperation(producesFrom = FleetFormat.class)
	public FleetDescriptor workers() {
		return FleetDescriptor.of(this.worker.workerClass(), this.process.isSupervised(), this.process.scoreboard(),
				this.process.listeners(), WorkersEndpoint::withoutValues);
	}

	/**
	 * Return a worker with its requests in flight.
	 * @param index the worker's index; while it is replaced, this means the worker that
	 * serves, or else the youngest
	 * @return the worker, or {@code null} if there is none
	 */
	@ReadOperation
	public @Nullable WorkerDetailDescriptor worker(@Selector int index) {
		Scoreboard scoreboard = this.process.scoreboard();
		Peer peer = this.insight.find(index).orElse(null);
		WorkerSlot slot = (peer == null) ? null
				: scoreboard.workers()
					.stream()
					.filter((candidate) -> candidate.age() == peer.age())
					.findFirst()
					.orElse(null);
		if (peer == null || slot == null) {
			return null;
		}
		WorkerDescriptor descriptor = WorkerDescriptor.of(slot, FleetReport.ofBytes(scoreboard.notice()).history());
		return switch (this.insight.requests(peer)) {
			case PeerAnswer.Answered(Peer _, byte[] body) -> detail(descriptor, body);
			case PeerAnswer.Missing(Peer _, String reason) -> new WorkerDetailDescriptor(descriptor, List.of(), reason);
			case PeerAnswer.Refused(Peer _, String message) ->
				new WorkerDetailDescriptor(descriptor, List.of(), message);
		};
	}

	/**
	 * Return a failure report with configuration values masked.
	 */
	static String withoutValues(String report) {
		return VALUES.matcher(report).replaceAll("$1******");
	}

	private static WorkerDetailDescriptor detail(WorkerDescriptor descriptor, byte[] answer) {
		try {
			return new WorkerDetailDescriptor(descriptor,
					WorkerInsight.readRequests(answer)
						.stream()
						.map(WorkerDetailDescriptor.RequestDescriptor::of)
						.toList(),
					null);
		}
		catch (IOException | IndexOutOfBoundsException ex) {
			return new WorkerDetailDescriptor(descriptor, List.of(), "its answer cannot be read");
		}
	}

}
