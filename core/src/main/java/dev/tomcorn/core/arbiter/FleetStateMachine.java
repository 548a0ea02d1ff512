package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.FleetState.Phase;
import org.jspecify.annotations.Nullable;

/**
 * The supervision policy: {@code (state, event, now) → (state', commands)}. Knows nothing
 * of processes, sockets or clocks.
 */
final class FleetStateMachine {

	/**
	 * Exit code when no worker of the first generation booted, as Gunicorn's
	 * {@code WORKER_BOOT_ERROR}.
	 */
	static final int EXIT_BOOT_FAILURE = 3;

	/**
	 * What a worker may take beyond its graceful timeout to close its application.
	 */
	static final Duration CLOSE_MARGIN = Duration.ofSeconds(10);

	/**
	 * What a worker may take to end when no request is waited for.
	 */
	static final Duration FAST_STOP_LIMIT = Duration.ofSeconds(5);

	private final ArbiterSettings settings;

	FleetStateMachine(ArbiterSettings settings) {
		this.settings = settings;
	}

	/**
	 * The outcome of an event.
	 *
	 * @param state the state after it
	 * @param commands what is to be done, in order
	 */
	record Transition(FleetState state, List<Command> commands) {

	}

	Transition start(long now) {
		Step step = new Step(FleetState.initial(this.settings.workers()), now);
		step.publish();
		step.fill();
		return step.transition();
	}

	Transition apply(FleetState state, Event event, long now) {
		Step step = new Step(state, now);
		if (state.phase() == Phase.HALTED) {
			return step.transition();
		}
		switch (event) {
			case Event.Spawned(long age, long pid) -> step.spawned(age, pid);
			case Event.SpawnFailed(long age, String reason) -> step.ended(age, "could not be started: " + reason);
			case Event.Ready(long age, Duration boot) -> step.ready(age, boot);
			case Event.Draining(long age) -> step.draining(age);
			case Event.Exited(long age, ExitStatus status) -> step.ended(age, status.toString());
			case Event.Tick(Map<Long, Long> heartbeats) -> step.tick(heartbeats);
			case Event.Request request -> step.request(request);
		}
		return step.transition();
	}

	/**
	 * One event's way through the policy.
	 */
	private final class Step {

		private final long now;

		private final List<Command> commands = new ArrayList<>();

		private FleetState state;

		Step(FleetState state, long now) {
			this.state = state;
			this.now = now;
		}

		Transition transition() {
			return new Transition(this.state, List.copyOf(this.commands));
		}

		void spawned(long age, long pid) {
			WorkerHandle worker = this.state.worker(age);
			if (worker != null) {
				this.state = this.state.with(worker.spawned(pid));
			}
		}

		void ready(long age, Duration boot) {
			WorkerHandle worker = this.state.worker(age);
			if (worker == null || worker.state() != WorkerHandle.State.STARTING) {
				return;
			}
			this.state = this.state.with(worker.ready(this.now));
			announce(Level.INFO, String.format(Locale.ROOT, "%s ready in %.1f s, generation %d", worker.label(),
					boot.toMillis() / 1000.0, worker.placement().generation()));
			if (this.state.phase() == Phase.BOOTING) {
				this.state = this.state.phase(Phase.RUNNING);
			}
			fill();
		}

		/**
		 * A worker drains that was not asked to: somebody sent it TERM, or its
		 * application ended itself. Its place is filled now rather than at its exit.
		 */
		void draining(long age) {
			WorkerHandle worker = this.state.worker(age);
			if (worker == null || !worker.active()) {
				return;
			}
			announce(Level.WARN, worker.label() + " is ending without being asked to");
			boolean booted = worker.state() == WorkerHandle.State.READY;
			leftPlace(worker);
			this.state = this.state.with(worker.draining(this.now,
					killAt(CLOSE_MARGIN.plus(FleetStateMachine.this.settings.gracefulTimeout())), booted));
			fill();
		}

		void ended(long age, String cause) {
			WorkerHandle worker = this.state.worker(age);
			if (worker == null) {
				return;
			}
			this.state = this.state.without(age);
			this.commands.add(new Command.Release(age));
			if (worker.planned() || this.state.stopping()) {
				announce(Level.INFO, worker.label() + " stopped");
				if (this.state.stopping() && this.state.all().isEmpty()) {
					halt(0);
				}
			}
			else if (this.state.phase() == Phase.BOOTING) {
				announce(Level.ERROR,
						"%s could not boot: %s. No worker has booted, so the arbiter halts with exit code %d"
							.formatted(worker.label(), cause, EXIT_BOOT_FAILURE));
				halt(EXIT_BOOT_FAILURE);
			}
			else {
				leftPlace(worker);
				announce(Level.WARN, "%s ended unexpectedly%s: %s; %s".formatted(worker.label(), stage(worker), cause,
						respawnTime(worker)));
			}
			fill();
		}

		private String stage(WorkerHandle worker) {
			return (worker.state() == WorkerHandle.State.STARTING) ? " while booting" : "";
		}

		private String respawnTime(WorkerHandle worker) {
			if (worker.index() >= this.state.targetWorkers()) {
				return "not needed any more";
			}
			if (this.state.filled(worker.index())) {
				return "replaced already";
			}
			long delay = this.state.crashes(worker.index()).respawnAt() - this.now;
			return (delay <= 0) ? "respawning at once"
					: "respawning in %d s".formatted(Math.ceilDiv(delay, Duration.ofSeconds(1).toNanos()));
		}

		/**
		 * Count a death: when the worker leaves its place unasked, not again when a
		 * killed or draining one exits.
		 */
		private void leftPlace(WorkerHandle worker) {
			if (!worker.active()) {
				return;
			}
			boolean quick = worker.state() != WorkerHandle.State.READY
					|| this.now - worker.since() < CrashHistory.QUIET.toNanos();
			this.state = this.state.crashed(worker.index(), this.state.crashes(worker.index()).add(this.now, quick));
		}

		void tick(Map<Long, Long> heartbeats) {
			for (WorkerHandle worker : List.copyOf(this.state.all())) {
				WorkerHandle seen = worker.beat(heartbeats.getOrDefault(worker.age(), worker.heartbeat()), this.now);
				this.state = this.state.with(seen);
				String reason = overdue(seen);
				if (reason != null) {
					announce(Level.WARN, "%s is being killed: %s".formatted(seen.label(), reason));
					leftPlace(seen);
					kill(seen);
				}
			}
			fill();
		}

		private @Nullable String overdue(WorkerHandle worker) {
			Duration timeout = FleetStateMachine.this.settings.timeout();
			return switch (worker.state()) {
				case STARTING -> (this.now >= worker.killAt())
						? "not ready within boot-timeout (" + text(FleetStateMachine.this.settings.bootTimeout()) + ")"
						: null;
				case READY -> (!timeout.isZero() && this.now - worker.heartbeatAt() >= timeout.toNanos())
						? "no heartbeat within timeout (" + text(timeout) + ")" : null;
				case DRAINING -> (this.now >= worker.killAt()) ? "still running after its time to drain ("
						+ text(Duration.ofNanos(worker.killAt() - worker.since())) + ")" : null;
				case KILLED -> null;
			};
		}

		void request(Event.Request request) {
			switch (request) {
				case STOP -> stop();
				case STOP_FAST -> stopFast();
				case SCALE_UP -> scale(this.state.targetWorkers() + 1);
				case SCALE_DOWN -> scale(this.state.targetWorkers() - 1);
				case RELOAD -> announce(Level.WARN, "Ignoring HUP: this version has no reload yet");
			}
		}

		private void stop() {
			if (this.state.stopping()) {
				return;
			}
			Duration gracefulTimeout = FleetStateMachine.this.settings.gracefulTimeout();
			announce(Level.INFO, "Stopping: draining %d worker(s), at most %s".formatted(this.state.all().size(),
					text(gracefulTimeout)));
			this.state = this.state.phase(Phase.STOPPING);
			for (WorkerHandle worker : List.copyOf(this.state.all())) {
				if (worker.active()) {
					retire(worker, gracefulTimeout);
				}
			}
			haltIfEmpty();
		}

		private void stopFast() {
			boolean again = this.state.phase() == Phase.STOPPING_FAST;
			announce(Level.INFO, again ? "Stopping at once" : "Stopping without waiting for requests");
			this.state = this.state.phase(Phase.STOPPING_FAST);
			for (WorkerHandle worker : List.copyOf(this.state.all())) {
				if (again) {
					kill(worker);
				}
				else if (worker.state() != WorkerHandle.State.KILLED) {
					this.commands.add(new Command.Stop(worker.age(), Duration.ZERO));
					this.state = this.state.with(worker.draining(this.now, killAt(FAST_STOP_LIMIT), true));
				}
			}
			haltIfEmpty();
		}

		private void scale(int target) {
			if (this.state.stopping()) {
				return;
			}
			if (target < 1 || target > ArbiterSettings.MAX_WORKERS) {
				announce(Level.WARN, "Not scaling to %d workers: the limits are 1 and %d".formatted(target,
						ArbiterSettings.MAX_WORKERS));
				return;
			}
			announce(Level.INFO, "Scaling from %d to %d workers".formatted(this.state.targetWorkers(), target));
			this.state = this.state.target(target);
			publish();
			for (WorkerHandle worker : List.copyOf(this.state.all())) {
				if (worker.active() && worker.index() >= target) {
					retire(worker, FleetStateMachine.this.settings.gracefulTimeout());
				}
			}
			fill();
		}

		private void retire(WorkerHandle worker, Duration gracefulTimeout) {
			this.commands.add(new Command.Stop(worker.age(), gracefulTimeout));
			this.state = this.state.with(worker.draining(this.now, killAt(gracefulTimeout.plus(CLOSE_MARGIN)), true));
		}

		private void kill(WorkerHandle worker) {
			this.commands.add(new Command.Kill(worker.age()));
			this.state = this.state.with(worker.killed(this.now));
		}

		/**
		 * Spawn what is missing: a single worker until one has been ready, then the rest.
		 */
		void fill() {
			if (this.state.phase() == Phase.BOOTING) {
				if (this.state.all().isEmpty()) {
					spawn(0);
				}
			}
			else if (this.state.phase() == Phase.RUNNING) {
				for (int index = 0; index < this.state.targetWorkers(); index++) {
					if (!this.state.filled(index) && this.now >= this.state.crashes(index).respawnAt()) {
						spawn(index);
					}
				}
			}
		}

		private void spawn(int index) {
			Placement placement = new Placement(this.state.freeSlot(), index, this.state.nextAge(),
					this.state.generation());
			this.state = this.state
				.with(WorkerHandle.starting(placement, this.now, FleetStateMachine.this.settings.bootTimeout()));
			this.commands.add(new Command.Spawn(placement));
		}

		void publish() {
			this.commands.add(new Command.Publish(this.state.generation(), this.state.targetWorkers()));
		}

		private void haltIfEmpty() {
			if (this.state.all().isEmpty()) {
				halt(0);
			}
		}

		private void halt(int exitCode) {
			this.state = this.state.phase(Phase.HALTED);
			this.commands.add(new Command.Halt(exitCode));
		}

		private void announce(Level level, String message) {
			this.commands.add(new Command.Announce(level, message));
		}

		private long killAt(Duration limit) {
			return this.now + limit.toNanos();
		}

		private static String text(Duration duration) {
			return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0).replace(".0 s", " s");
		}

	}

}
