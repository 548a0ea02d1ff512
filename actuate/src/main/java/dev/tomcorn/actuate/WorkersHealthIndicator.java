package dev.tomcorn.actuate;

import java.util.List;
import java.util.stream.IntStream;

import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.PostedReport;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.worker.WorkerProcess;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * {@link HealthIndicator} for the fleet: {@code DEGRADED} while it serves with a fault
 * that needs attention, {@code DOWN} when no worker serves.
 */
public final class WorkersHealthIndicator extends AbstractHealthIndicator {

	/**
	 * The fleet serves, but with a fault that needs attention.
	 */
	public static final Status DEGRADED = new Status("DEGRADED");

	private final Scoreboard scoreboard;

	private final PostedReport posted;

	private final boolean supervised;

	/**
	 * Create the indicator.
	 * @param process the worker that answers
	 */
	public WorkersHealthIndicator(WorkerProcess process) {
		this(process.scoreboard(), process.isSupervised());
	}

	WorkersHealthIndicator(Scoreboard scoreboard, boolean supervised) {
		super("The state of the fleet is not known");
		this.scoreboard = scoreboard;
		this.posted = new PostedReport(scoreboard::notice);
		this.supervised = supervised;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		if (!this.supervised) {
			builder.up().withDetail("ready", 1).withDetail("target", 1);
			return;
		}
		long ready = this.scoreboard.slots().stream().filter(WorkerSlot::isServing).count();
		FleetReport report = this.posted.get();
		FleetReport.ReloadReport reload = report.reload();
		List<Integer> loops = report.crashLoops().stream().map(FleetReport.CrashLoop::index).toList();
		boolean failed = reload != null && reload.outcome() == FleetReport.ReloadOutcome.FAILED;
		if (ready == 0) {
			builder.down();
		}
		else if (!RegistryCall.isRunning() && (hasFallen(ready, report) || !loops.isEmpty() || failed)) {
			builder.status(DEGRADED);
		}
		else {
			builder.up();
		}
		builder.withDetail("ready", ready)
			.withDetail("target", this.scoreboard.targetWorkers())
			.withDetail("generation", this.scoreboard.generation())
			.withDetail("crashLoops", loops);
		if (reload != null) {
			builder.withDetail("lastReload", reload.outcome().name());
		}
		if (report.paused()) {
			builder.withDetail("paused", true);
		}
	}

	/**
	 * Return whether the fleet has lost workers that are not replaced yet. Workers that
	 * boot because the fleet starts or grows are not losses.
	 */
	private boolean hasFallen(long ready, FleetReport report) {
		int places = this.scoreboard.targetWorkers() + this.scoreboard.standby();
		List<WorkerSlot> slots = this.scoreboard.slots();
		long onTheirWay = IntStream.range(0, places)
			.filter((index) -> !isLost(index, report))
			.filter((index) -> slots.stream()
				.noneMatch((slot) -> slot.state() == WorkerState.READY && slot.index() == index))
			.count();
		return ready + onTheirWay - this.scoreboard.standby() < this.scoreboard.targetWorkers();
	}

	/**
	 * Return whether the last worker of an index ended without a planned reason.
	 */
	private static boolean isLost(int index, FleetReport report) {
		return report.history()
			.places()
			.stream()
			.anyMatch((place) -> place.index() == index && ExitCause.DEATHS.contains(place.lastExit().cause()));
	}

}
