package dev.tomcorn.actuate;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tomcorn.core.arbiter.Death;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.worker.Worker;
import dev.tomcorn.worker.WorkerProcess;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * {@link Endpoint @Endpoint} that shows the whole fleet, whichever worker answers.
 */
@Endpoint(id = "workers", defaultAccess = Access.READ_ONLY)
public final class WorkersEndpoint {

	/**
	 * What Boot's failure reports quote of a configuration may be a secret.
	 */
	private static final Pattern VALUES = Pattern.compile("^(\\s*(?:Value|Reason): ).*$", Pattern.MULTILINE);

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
	// The web extension's operation takes the place of one that produces the same
	@ReadOperation(producesFrom = FleetFormat.class)
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
		FleetReport report = FleetReport.ofBytes(scoreboard.notice());
		return new FleetDescriptor(this.worker.workerClass(),
				this.process.isSupervised() ? ArbiterDescriptor.of(scoreboard, report.paused()) : null, workers,
				ReloadDescriptor.of(report.reload()),
				report.crashLoops().stream().map(CrashLoopDescriptor::of).toList(),
				report.deaths().stream().map(DeathDescriptor::of).toList());
	}

	/**
	 * The fleet.
	 *
	 * @param workerClass how each worker runs requests
	 * @param arbiter the supervising process, {@code null} when solo
	 * @param workers the workers
	 * @param reload the last reload, {@code null} if there was none
	 * @param crashLoops places whose workers keep dying
	 * @param deaths the last unplanned deaths, latest first
	 */
	public record FleetDescriptor(String workerClass,
			@JsonInclude(JsonInclude.Include.ALWAYS) @Nullable ArbiterDescriptor arbiter,
			List<WorkerDescriptor> workers, @Nullable ReloadDescriptor reload, List<CrashLoopDescriptor> crashLoops,
			List<DeathDescriptor> deaths) {

	}

	/**
	 * A reload.
	 *
	 * @param generation number of the generation it is to bring
	 * @param outcome how it ended, if it did
	 * @param startedAt when it was asked for
	 * @param endedAt when it ended, {@code null} if it has not
	 * @param cause why it failed, {@code null} if it did not
	 * @param failureReport the failed worker's own report, {@code null} if there is none
	 */
	public record ReloadDescriptor(int generation, FleetReport.Outcome outcome, Instant startedAt,
			@Nullable Instant endedAt, @Nullable String cause, @Nullable String failureReport) {

		static @Nullable ReloadDescriptor of(FleetReport.@Nullable ReloadReport reload) {
			return (reload == null) ? null
					: new ReloadDescriptor(reload.generation(), reload.outcome(),
							Instant.ofEpochMilli(reload.startedAt()),
							(reload.endedAt() != 0) ? Instant.ofEpochMilli(reload.endedAt()) : null,
							text(reload.cause()), text(VALUES.matcher(reload.failure()).replaceAll("$1******")));
		}

	}

	/**
	 * A place of the fleet whose workers keep dying.
	 *
	 * @param index the place
	 * @param deaths quick deaths in a row
	 * @param respawnAt when the next worker is spawned there at the earliest
	 */
	public record CrashLoopDescriptor(int index, int deaths, Instant respawnAt) {

		static CrashLoopDescriptor of(FleetReport.CrashLoop loop) {
			return new CrashLoopDescriptor(loop.index(), loop.deaths(), Instant.ofEpochMilli(loop.respawnAt()));
		}

	}

	/**
	 * An unplanned death.
	 *
	 * @param index the worker's place
	 * @param pid its process id
	 * @param generation its generation
	 * @param at when it was noticed
	 * @param cause what it died of
	 * @param description the same in words
	 * @param incident path of what was kept about it, {@code null} if there is nothing
	 */
	public record DeathDescriptor(int index, long pid, int generation, Instant at, Death.Cause cause,
			String description, @Nullable String incident) {

		static DeathDescriptor of(FleetReport.DeathReport report) {
			return new DeathDescriptor(report.index(), report.pid(), report.generation(),
					Instant.ofEpochMilli(report.at()), report.death().cause(), report.death().description(),
					text(report.incident()));
		}

	}

	private static @Nullable String text(String text) {
		return text.isEmpty() ? null : text;
	}

	/**
	 * The supervising process.
	 *
	 * @param pid its process id
	 * @param startedAt when it started
	 * @param generation number of the current load of the application, from 1
	 * @param targetWorkers how many workers are to serve
	 * @param paused whether no worker is to run until the operator says so
	 */
	public record ArbiterDescriptor(long pid, Instant startedAt, int generation, int targetWorkers, boolean paused) {

		static ArbiterDescriptor of(Scoreboard scoreboard, boolean paused) {
			return new ArbiterDescriptor(scoreboard.arbiterPid(), scoreboard.startedAt(), scoreboard.generation(),
					scoreboard.targetWorkers(), paused);
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
