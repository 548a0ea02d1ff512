package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.FleetState.Phase;
import org.jspecify.annotations.Nullable;

/**
 * The supervision policy: {@code (state, event, now) → (state', commands)}. Knows nothing
 * of processes, sockets or clocks. Its parts are {@link Staffing}, which spawns and
 * retires workers; {@link Failures}, which handles deaths; {@link Reloads};
 * {@link Ending}; {@link Operations}, which carries out what operators request, and
 * {@link PendingOperations}, which answers them; {@link ProblemAnnouncer}, which reports
 * problems.
 */
final class FleetStateMachine {

	/**
	 * Exit code when no worker of the first generation booted, as Gunicorn's
	 * {@code WORKER_BOOT_ERROR}.
	 */
	static final int EXIT_BOOT_FAILURE = 3;

	/**
	 * Placeholder for the exit code of a process that did not start.
	 */
	private static final int NO_EXIT = -1;

	private final ArbiterSettings settings;

	private final boolean replacesAnother;

	private final boolean keepsReleases;

	private final BootPolicy boots;

	/**
	 * Create the policy.
	 * @param settings the settings of the first generation
	 * @param replacesAnother whether this arbiter replaces another one
	 * @param keepsReleases whether the arbiter prepares and keeps releases
	 * @param boots how many workers may boot at the same time
	 */
	FleetStateMachine(ArbiterSettings settings, boolean replacesAnother, boolean keepsReleases, BootPolicy boots) {
		this.settings = settings;
		this.replacesAnother = replacesAnother;
		this.keepsReleases = keepsReleases;
		this.boots = boots;
	}

	/**
	 * The outcome of an event.
	 *
	 * @param state the state after it
	 * @param commands the commands, in order
	 */
	record Transition(FleetState state, List<Command> commands) {

	}

	Transition start(long now) {
		Step step = new Step(FleetState.initial(this.settings, this.replacesAnother, this.keepsReleases), now,
				this.boots);
		step.draft.notify(new FleetEvent.Started(this.settings.workers()));
		step.draft.publish();
		step.preparations.begin(step.draft.generation, "", null);
		step.staffing.staff();
		return step.draft.transition();
	}

	Transition apply(FleetState state, Event event, long now) {
		if (state.phase() == Phase.HALTED) {
			return new Transition(state, List.of());
		}
		Step step = new Step(state, now, this.boots);
		step.take(event);
		step.staffing.staff();
		step.pending.settle();
		return step.draft.transition();
	}

	/**
	 * The handling of one event.
	 */
	private static final class Step {

		private final FleetDraft draft;

		private final Preparations preparations;

		private final Staffing staffing;

		private final Failures failures;

		private final Reloads reloads;

		private final Ending ending;

		private final Operations operations;

		private final PendingOperations pending;

		Step(FleetState state, long now, BootPolicy boots) {
			this.draft = new FleetDraft(state, now);
			this.preparations = new Preparations(this.draft);
			this.reloads = new Reloads(this.draft, this.preparations, boots);
			this.staffing = new Staffing(this.draft, this.reloads, this.preparations, boots);
			this.failures = new Failures(this.draft, this.reloads);
			this.ending = new Ending(this.draft, this.reloads);
			this.operations = new Operations(this.draft, this.staffing, this.reloads, this.ending);
			this.pending = new PendingOperations(this.draft);
		}

		void take(Event event) {
			switch (event) {
				case Event.Prepared prepared -> prepared(prepared);
				case Event.OnDisk(ApplicationRelease release) -> this.preparations.onDisk(release);
				case Event.Spawned(long age, long pid) -> this.staffing.spawned(age, pid);
				case Event.SpawnFailed(long age, String reason) -> this.failures.ended(new Event.Exited(age,
						new Death(ExitCause.SPAWN_FAILURE, "could not be started: " + reason), NO_EXIT, false));
				case Event.Ready(long age, Duration boot, @Nullable ArbiterSettings settings) ->
					this.staffing.ready(age, boot, settings);
				case Event.BootFailed(long age, String report) -> this.failures.bootFailed(age, report);
				case Event.Recycle(long age, String reason) -> this.staffing.recycle(age, reason);
				case Event.Draining(long age) -> this.failures.draining(age);
				case Event.Recorded(long age, String incident) -> this.failures.recorded(age, incident);
				case Event.Dumped(long age, String folder) -> this.operations.dumped(age, folder);
				case Event.Exited exited -> this.failures.ended(exited);
				case Event.Tick(Map<Long, Event.Heartbeat> heartbeats, int queued) -> tick(heartbeats, queued);
				case Event.Requested(Requester requester, Operation operation) ->
					this.operations.take(requester, operation);
				case Event.ReplacementFailed(String reason) -> this.ending.replacementFailed(reason);
				case Event.SuccessorReady() -> this.ending.successorReady();
				case Event.PredecessorReleased() -> this.ending.predecessorReleased();
				case Event.Problems(List<Problem> problems) -> new ProblemAnnouncer(this.draft).take(problems);
				case Event.Signal signal -> take(signal);
			}
		}

		private void prepared(Event.Prepared prepared) {
			refuse(this.preparations.prepared(prepared));
		}

		private void refuse(@Nullable String refusal) {
			if (refusal != null) {
				this.reloads.refuse(refusal);
			}
		}

		private void tick(Map<Long, Event.Heartbeat> heartbeats, int queued) {
			refuse(this.preparations.tick());
			this.draft.busy = busy(heartbeats);
			this.failures.tick(heartbeats);
			this.ending.tick(queued);
			this.operations.tick();
		}

		/**
		 * Return how many CPUs the booted workers use.
		 */
		private double busy(Map<Long, Event.Heartbeat> heartbeats) {
			return heartbeats.entrySet().stream().filter((heartbeat) -> {
				WorkerHandle worker = this.draft.worker(heartbeat.getKey());
				return worker != null && !worker.is(WorkerHandle.Lifecycle.STARTING);
			}).mapToDouble((heartbeat) -> heartbeat.getValue().busy()).sum();
		}

		private void take(Event.Signal signal) {
			switch (signal) {
				case STOP -> this.ending.stop();
				case STOP_FAST -> this.ending.stopFast();
				case SCALE_UP -> this.staffing.scale(1);
				case SCALE_DOWN -> this.staffing.scale(-1);
				case RELOAD -> this.reloads.request(Requester.NOBODY, "");
				case PAUSE -> this.ending.pause();
				case DESCRIBE -> describe();
				case REPLACE -> this.ending.replace();
			}
		}

		private void describe() {
			this.draft.announce(Level.INFO, "%s, generation %d, %d worker(s) to serve, %d standby%s", this.draft.phase,
					this.draft.generation, this.draft.serving(), this.draft.settings.standby(),
					(this.draft.reload != null) ? ", reloading to generation " + this.draft.reload.generation() : "");
			for (WorkerHandle worker : this.draft.all()) {
				this.draft.command(new Command.Describe(worker.age(),
						"%s %s for %s, generation %d".formatted(worker.label(), worker.lifecycle(),
								FleetDraft.text(Duration.ofNanos(this.draft.now - worker.since())),
								worker.generation())));
			}
		}

	}

}
