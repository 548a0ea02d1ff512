package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.Map;

import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.FleetReport.DeathReport;
import dev.tomcorn.core.arbiter.FleetState.Phase;
import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;
import org.jspecify.annotations.Nullable;

/**
 * Handles workers that die, fall silent or miss a deadline.
 */
final class Failures {

	private static final Death ORDERLY = new Death(ExitCause.EXIT, "exit code 0");

	private final FleetDraft draft;

	private final Reloads reloads;

	private final Interruptions interruptions;

	private final FirstBoot firstBoot;

	Failures(FleetDraft draft, Reloads reloads) {
		this.draft = draft;
		this.reloads = reloads;
		this.interruptions = new Interruptions(draft);
		this.firstBoot = new FirstBoot(draft);
	}

	void bootFailed(long age, String report) {
		WorkerHandle worker = this.draft.worker(age);
		if (worker != null) {
			this.draft.put(worker.failed(report));
			if (!worker.active()) {
				this.reloads.addFailure(report);
			}
		}
	}

	/**
	 * Handle a worker that drains without a request: it got TERM, or its application
	 * ended itself. It is replaced now and not only at its exit.
	 */
	void draining(long age) {
		WorkerHandle worker = this.draft.worker(age);
		if (worker == null || !worker.active()) {
			return;
		}
		boolean booted = !worker.is(Lifecycle.STARTING);
		// A booting worker reports the reason when it ends. The first one may have run as
		// a job
		this.draft.announce(booted ? Level.WARN : Level.INFO,
				booted ? "%s is ending without being asked to" : "%s is ending before it was ready", worker.label());
		this.draft.drains(worker, this.draft.drainLimit(), booted);
		lost(worker, new Death(ExitCause.EXIT, booted ? "ended itself" : "ended while it was booting"));
	}

	void ended(Event.Exited exit) {
		long age = exit.age();
		WorkerHandle worker = this.draft.worker(age);
		if (worker == null) {
			return;
		}
		this.draft.history(this.draft.report.history().lost(exit.lost().count()));
		if (this.interruptions.isOne(worker, exit)) {
			this.interruptions.ended(worker, exit, () -> respawn(worker.index()));
			return;
		}
		Death death = exit.lost().of(exit.death());
		boolean expected = worker.planned() || this.draft.stopping();
		boolean disorderly = expected ? isDisorderly(death) || gaveUp(worker, exit) : this.draft.phase != Phase.BOOTING;
		if (disorderly && worker.verdict() == null && death.cause() != ExitCause.SPAWN_FAILURE) {
			this.draft.command(new Command.Record(age, expected ? death : whileBooting(worker, death), false));
		}
		if (worker.verdict() != null) {
			this.draft.report = this.draft.report.lost(age, exit.lost());
		}
		this.draft.remove(age);
		this.draft.notify(new FleetEvent.WorkerExited(worker.placement(), worker.pid(), expected, death));
		if (expected) {
			if (disorderly && worker.verdict() == null) {
				report(worker, death);
			}
			this.draft.announce(disorderly ? Level.WARN : Level.INFO, "%s stopped%s", worker.label(),
					death.equals(ORDERLY) ? "" : ": " + death.description());
			if (this.draft.stopping()) {
				this.draft.haltIfEmpty();
			}
		}
		else if (this.draft.phase == Phase.BOOTING) {
			this.firstBoot.ended(worker, exit, verdict(worker, exit.death()));
		}
		else {
			endedUnexpectedly(worker, death, exit.lost());
		}
		remember(worker, death, worker.verdict() != null || disorderly || !expected);
	}

	/**
	 * Record how a worker ended and whether another one replaces it.
	 */
	private void remember(WorkerHandle worker, Death death, boolean died) {
		FleetHistory history = this.draft.report.history();
		ExitCause cause = died ? verdict(worker, death).cause() : plannedFor(worker);
		String text = switch (cause) {
			case RECYCLE -> "replaced: " + worker.recycle();
			case RELOAD -> "replaced by generation " + this.draft.generation;
			case STOP -> "stopped";
			case EXIT, SIGNAL, CRASH, OUT_OF_HEAP, KERNEL_OUT_OF_MEMORY, BOOT_FAILURE, SILENT, STUCK_IN_DRAIN,
					SPAWN_FAILURE ->
				died ? verdict(worker, death).description() : "ended itself";
		};
		if (!died) {
			Duration drain = worker.is(Lifecycle.DRAINING) ? Duration.ofNanos(this.draft.now - worker.since()) : null;
			text += death.equals(ORDERLY) ? "" : ": " + death.description();
			history = history.ended(worker.placement(), worker.pid(), text, drain, this.draft.now);
		}
		boolean surplus = cause == ExitCause.STOP || this.draft.stopping() || this.draft.phase == Phase.HALTED
				|| !this.draft.active((other) -> other.index() == worker.index() && other.age() < worker.age())
					.isEmpty();
		this.draft.history(history.left(worker.index(), new FleetHistory.Exit(this.draft.now, cause, text), !surplus));
	}

	private ExitCause plannedFor(WorkerHandle worker) {
		if (this.draft.stopping()) {
			return ExitCause.STOP;
		}
		if (worker.recycle() != null) {
			return ExitCause.RECYCLE;
		}
		if (!this.draft.filled().contains(worker.index()) || worker.generation() > this.draft.generation) {
			return ExitCause.STOP;
		}
		return (worker.generation() < this.draft.generation) ? ExitCause.RELOAD : ExitCause.EXIT;
	}

	/**
	 * Return whether a worker that was asked to end died of something else.
	 */
	private static boolean isDisorderly(Death death) {
		return switch (death.cause()) {
			case CRASH, OUT_OF_HEAP, KERNEL_OUT_OF_MEMORY -> true;
			case EXIT, SIGNAL, BOOT_FAILURE, SILENT, STUCK_IN_DRAIN, SPAWN_FAILURE, RECYCLE, RELOAD, STOP -> false;
		};
	}

	/**
	 * Return whether the application ended the worker with an error code.
	 */
	private boolean gaveUp(WorkerHandle worker, Event.Exited exit) {
		return exit.death().cause() == ExitCause.EXIT && exit.exitCode() != 0
				&& exit.exitCode() != Interruptions.TERMINATED && worker.is(Lifecycle.DRAINING)
				&& plannedFor(worker) == ExitCause.EXIT;
	}

	/**
	 * Return the cause of a death: the reason for the kill, if the arbiter killed the
	 * worker.
	 */
	private static Death verdict(WorkerHandle worker, Death death) {
		return (worker.verdict() != null) ? worker.verdict() : death;
	}

	private void endedUnexpectedly(WorkerHandle worker, Death death, LostRequests lost) {
		if (worker.verdict() == null) {
			report(worker, whileBooting(worker, death));
		}
		boolean told = lost(worker, worker.is(Lifecycle.STARTING)
				? new Death(death.cause(), "ended while booting: " + death.description()) : death);
		String sentence = worker.bootFailure();
		if (sentence != null && (told || isOfFailedReload(worker))) {
			return;
		}
		String text = (worker.verdict() != null)
				? "%s was %s: %s".formatted(worker.label(), worker.is(Lifecycle.KILLED) ? "killed" : "ended",
						lost.of(worker.verdict()).description())
				: (sentence != null && worker.is(Lifecycle.STARTING))
						? "%s could not boot: %s".formatted(worker.label(), sentence)
						: "%s ended unexpectedly%s: %s".formatted(worker.label(),
								worker.is(Lifecycle.STARTING) ? " while booting" : "", death.description());
		this.draft.announceOutcome(Level.WARN, text, () -> respawn(worker.index()));
	}

	/**
	 * Return whether a worker belongs to a generation whose reload has failed: the log
	 * has reported its end with that failure.
	 */
	private boolean isOfFailedReload(WorkerHandle worker) {
		return worker.generation() > this.draft.generation && this.draft.reload == null
				&& this.draft.filled().contains(worker.index());
	}

	/**
	 * Return the death, with the worker's own report if it did not boot.
	 */
	private Death whileBooting(WorkerHandle worker, Death death) {
		if (!worker.is(Lifecycle.STARTING)) {
			return death;
		}
		String sentence = worker.bootFailure();
		// Workers of another generation may serve at its index
		String generation = (worker.generation() != this.draft.generation) ? " generation " + worker.generation() : "";
		return new Death(death.cause(),
				"while booting%s: %s".formatted(generation, (sentence != null) ? sentence : death.description()));
	}

	/**
	 * Describe what happens next at an index. Called at the end of the event.
	 */
	private String respawn(int index) {
		if (this.draft.spawns(index)) {
			return "respawning at once";
		}
		if (this.draft.phase == Phase.BOOTING) {
			return "respawning when another is ready";
		}
		if (this.draft.filled().contains(index)) {
			return "another worker has replaced it";
		}
		if (this.draft.stopping() || this.draft.filled().size() >= this.draft.places()) {
			return "no longer needed";
		}
		if (!this.draft.maySpawn(index)) {
			long delay = this.draft.crashes(index).respawnAt() - this.draft.now;
			return "respawning in %d s".formatted(Math.ceilDiv(delay, Duration.ofSeconds(1).toNanos()));
		}
		return this.reloads.maySpawn() ? "respawning when another worker has ended: the limit of processes is reached"
				: "respawning when a worker of the new generation is ready";
	}

	/**
	 * Handle the unplanned end of a worker. The later exit of a killed or draining one is
	 * not reported again.
	 * @return whether it is reported as the failure of a reload, so that no worker is
	 * missing
	 */
	private boolean lost(WorkerHandle worker, Death death) {
		if (!worker.active() || this.draft.phase == Phase.BOOTING || this.draft.stopping()) {
			return false;
		}
		this.draft.failed(new WorkerFailure(worker, death));
		boolean booting = worker.is(Lifecycle.STARTING);
		if (this.reloads.lost(worker, death, booting) && this.draft.filled().contains(worker.index())) {
			return true;
		}
		boolean quick = booting || !quietSince(worker.since());
		this.draft.crashed(worker.index(), quick);
		return false;
	}

	void tick(Map<Long, Event.Heartbeat> heartbeats) {
		for (WorkerHandle listed : this.draft.all()) {
			// Its failure may have ended a reload, which retires others
			WorkerHandle worker = this.draft.worker(listed.age());
			if (worker != null) {
				tick(worker, heartbeats.get(worker.age()));
			}
		}
		this.draft.crashedPlaces().forEach(this::recover);
	}

	private void tick(WorkerHandle worker, Event.@Nullable Heartbeat heartbeat) {
		WorkerHandle seen = (heartbeat != null) ? worker.beat(heartbeat.beat(), this.draft.now) : worker;
		this.draft.put(seen);
		if (seen.is(Lifecycle.STARTING) && this.draft.phase == Phase.BOOTING) {
			this.firstBoot.tick(seen);
			return;
		}
		Death death = overdue(seen, (heartbeat != null) ? heartbeat.trouble() : "");
		if (death != null) {
			abort(seen, death);
		}
		else if (seen.is(Lifecycle.DRAINING) && seen.verdict() != null && this.draft.now >= seen.killAt()) {
			this.draft.kill(seen);
		}
		else if (seen.is(Lifecycle.RECORDING) && this.draft.now >= seen.killAt()) {
			end(seen);
		}
	}

	private @Nullable Death overdue(WorkerHandle worker, String trouble) {
		return switch (worker.lifecycle()) {
			case STARTING ->
				(this.draft.now >= worker.killAt())
						? new Death(ExitCause.BOOT_FAILURE,
								"not ready within boot-timeout (" + text(this.draft.settings.bootTimeout()) + ")")
						: null;
			case STANDBY, READY ->
				isPastTimeout(worker)
						? new Death(ExitCause.SILENT, "no heartbeat within timeout ("
								+ text(this.draft.settings.timeout()) + ")" + (trouble.isEmpty() ? "" : ", " + trouble))
						: null;
			case DRAINING -> (this.draft.now >= worker.killAt() && worker.verdict() == null)
					? new Death(ExitCause.STUCK_IN_DRAIN, "still running after its time to drain ("
							+ text(Duration.ofNanos(worker.killAt() - worker.since())) + ")")
					: null;
			case RECORDING, KILLED -> null;
		};
	}

	/**
	 * Return whether a worker exceeds the timeout. Reports call it silent much earlier.
	 */
	private boolean isPastTimeout(WorkerHandle worker) {
		Duration timeout = this.draft.settings.timeout();
		return !timeout.isZero() && this.draft.now - worker.heartbeatAt() >= timeout.toNanos();
	}

	/**
	 * Kill a worker after its diagnostics are recorded, if there is time for that.
	 */
	private void abort(WorkerHandle worker, Death death) {
		this.draft.announce(Level.WARN, "%s is being %s: %s", worker.label(),
				(death.cause() == ExitCause.BOOT_FAILURE) ? "ended" : "killed", death.description());
		this.draft.notify(new FleetEvent.WorkerAborted(worker.placement(), worker.pid(), death));
		if (this.draft.phase == Phase.STOPPING_FAST) {
			this.draft.kill(worker);
			return;
		}
		Duration limit = this.draft.settings.recordLimit();
		this.draft.put(worker.recording(this.draft.now, this.draft.now + limit.toNanos(), death));
		this.draft.command(new Command.Record(worker.age(), death, true));
		report(worker, death);
		lost(worker, death);
	}

	private void report(WorkerHandle worker, Death death) {
		this.draft.report = this.draft.report.died(new DeathReport(worker.index(), worker.age(), worker.pid(),
				worker.generation(), this.draft.now, death, ""));
	}

	void recorded(long age, String incident) {
		if (!incident.isEmpty()) {
			this.draft.report = this.draft.report.recorded(age, incident);
		}
		WorkerHandle worker = this.draft.worker(age);
		if (worker != null && worker.is(Lifecycle.RECORDING)) {
			end(worker);
		}
	}

	/**
	 * End a worker whose diagnostics are recorded. A booting one gets time to release
	 * what it holds, such as a lock in a database.
	 */
	private void end(WorkerHandle worker) {
		Death verdict = worker.verdict();
		if (verdict != null && verdict.cause() == ExitCause.BOOT_FAILURE && !this.draft.stoppingFast()) {
			this.draft.terminate(worker);
		}
		else {
			this.draft.kill(worker);
		}
	}

	/**
	 * Forget the crashes at an index after a quiet time.
	 */
	private void recover(int index) {
		CrashHistory crashes = this.draft.crashes(index);
		if (!quietSince(crashes.diedAt()) || !this.draft.active((worker) -> worker.index() == index)
			.stream()
			.allMatch((worker) -> !worker.is(Lifecycle.STARTING) && quietSince(worker.since()))) {
			return;
		}
		if (crashes.loop()) {
			this.draft.announce(Level.INFO, "No worker %d has died for %s: its crash loop is over", index,
					text(CrashHistory.QUIET));
		}
		this.draft.forgetCrashes((other) -> other == index);
	}

	private boolean quietSince(long time) {
		return this.draft.now - time >= CrashHistory.QUIET.toNanos();
	}

	private static String text(Duration duration) {
		return FleetDraft.text(duration);
	}

}
