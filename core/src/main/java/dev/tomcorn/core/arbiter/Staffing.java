package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import java.util.function.Predicate;

import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.FleetState.Phase;
import dev.tomcorn.core.arbiter.FleetState.Replacement;
import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;
import org.jspecify.annotations.Nullable;

/**
 * Spawns and retires workers. After each event {@link #staff()} brings the fleet closer
 * to its target: enough workers that serve, successors in place of old ones, and
 * standbys.
 */
final class Staffing {

	private static final Comparator<WorkerHandle> BY_INDEX = Comparator.comparingInt(WorkerHandle::index);

	private final FleetDraft draft;

	private final Reloads reloads;

	private final Preparations preparations;

	private final BootPolicy boots;

	/**
	 * The worker that this event made ready.
	 */
	private long ready;

	Staffing(FleetDraft draft, Reloads reloads, Preparations preparations, BootPolicy boots) {
		this.draft = draft;
		this.reloads = reloads;
		this.preparations = preparations;
		this.boots = boots;
	}

	void spawned(long age, long pid) {
		WorkerHandle worker = this.draft.worker(age);
		if (worker != null) {
			WorkerHandle spawned = worker.spawned(pid);
			this.draft.put(spawned);
			WorkerHandle old = this.draft.counterpart(worker);
			this.draft.announce(Level.INFO, "%s spawned, generation %d%s", spawned.label(), spawned.generation(),
					(old != null && old.pid() != 0) ? ", to replace pid " + old.pid() : "");
			this.draft.notify(new FleetEvent.WorkerSpawned(worker.placement(), pid));
		}
	}

	void ready(long age, Duration boot, @Nullable ArbiterSettings settings) {
		WorkerHandle worker = this.draft.worker(age);
		if (worker == null || !worker.is(Lifecycle.STARTING)) {
			return;
		}
		this.ready = age;
		this.draft.interruptions = 0;
		this.draft.put(worker.standby(this.draft.now));
		this.draft.announce(Level.INFO, "%s ready in %.1f s, generation %d", worker.label(), boot.toMillis() / 1000.0,
				worker.generation());
		this.draft.notify(new FleetEvent.WorkerReady(worker.placement(), worker.pid(), boot));
		if (this.draft.phase == Phase.BOOTING) {
			this.draft.phase = Phase.RUNNING;
			limitOtherBoots();
		}
		this.reloads.ready(worker, settings);
	}

	/**
	 * Limit the boots of the other workers. Until now each could have become the first
	 * one, which has no limit.
	 */
	private void limitOtherBoots() {
		long deadline = WorkerHandle.deadline(this.draft.now, this.draft.settings.bootTimeout());
		this.draft.active((worker) -> worker.is(Lifecycle.STARTING))
			.forEach((worker) -> this.draft.put(worker.allowUntil(deadline)));
	}

	void recycle(long age, String reason) {
		WorkerHandle worker = this.draft.worker(age);
		if (worker != null && worker.active() && worker.recycle() == null) {
			this.draft.announce(Level.INFO, "%s wants to be replaced: %s", worker.label(), reason);
			this.draft.put(worker.recycle(reason));
		}
	}

	void scale(int change) {
		if (this.draft.stopping()) {
			return;
		}
		if (this.draft.paused) {
			if (change > 0) {
				resume();
			}
			return;
		}
		int from = this.draft.target;
		int to = from + change;
		int most = ArbiterSettings.MAX_WORKERS - this.draft.settings.standby();
		if (to < 1 || to > most) {
			this.draft.announce(Level.WARN, "Not scaling to %d workers: the limits are 1 and %d", to, most);
			return;
		}
		scaleTo(to);
	}

	/**
	 * Resume after a pause.
	 */
	void resume() {
		this.draft.paused(false);
		this.draft.announce(Level.INFO, "Resuming with %d workers", this.draft.target);
		this.draft.publish();
	}

	/**
	 * Set the target number of workers, which is within the limits.
	 */
	void scaleTo(int to) {
		int from = this.draft.target;
		this.draft.announce(Level.INFO, "Scaling from %d to %d workers", from, to);
		this.draft.target = to;
		this.draft.notify(new FleetEvent.Scaled(from, to));
		this.draft.publish();
	}

	void staff() {
		switch (this.draft.phase) {
			case BOOTING -> {
				if (this.draft.empty() && !this.preparations.underWay()) {
					this.draft.spawn(0, this.draft.generation);
					if (!this.boots.firstAlone()) {
						fill();
					}
				}
				dismiss();
			}
			case RUNNING -> {
				relieve();
				promote();
				dismiss();
				fill();
				replace();
				takeOver();
			}
			case CLOSING, STOPPING, STOPPING_FAST, HALTED -> {
			}
		}
	}

	/**
	 * Retire workers whose successor is ready.
	 */
	private void relieve() {
		for (WorkerHandle successor : this.draft.active((worker) -> worker.is(Lifecycle.STANDBY))) {
			WorkerHandle old = this.draft.counterpart(successor);
			if (old != null && old.age() < successor.age()) {
				if (old.is(Lifecycle.READY)) {
					serve(successor);
				}
				this.draft.retire(old, "pid %d takes its place".formatted(successor.pid()));
			}
		}
	}

	/**
	 * Promote standbys where a worker is missing, those of the current generation first.
	 */
	private void promote() {
		while (this.draft.count(Lifecycle.READY) < this.draft.serving()) {
			WorkerHandle next = standby();
			if (next == null) {
				return;
			}
			if (next.age() != this.ready) {
				this.draft.announce(Level.INFO, "%s serves now, no longer standing by", next.label());
			}
			serve(next);
		}
	}

	private @Nullable WorkerHandle standby() {
		return this.draft.active()
			.filter((worker) -> worker.is(Lifecycle.STANDBY))
			.min(Comparator.comparing((WorkerHandle worker) -> worker.recycle() != null)
				.thenComparing((worker) -> -worker.generation())
				.thenComparing(BY_INDEX))
			.orElse(null);
	}

	private void serve(WorkerHandle worker) {
		this.draft.put(worker.serving(this.draft.now));
		this.draft.command(new Command.Serve(worker.age()));
	}

	/**
	 * Retire surplus workers, the highest indexes first.
	 */
	private void dismiss() {
		while (this.draft.count(Lifecycle.READY) > this.draft.serving()) {
			dismiss((worker) -> worker.is(Lifecycle.READY));
		}
		while (this.draft.filled().size() > this.draft.places()) {
			dismiss((worker) -> !isServed(worker.index()));
		}
	}

	private void dismiss(Predicate<WorkerHandle> preferred) {
		int place = this.draft.active()
			.max(Comparator.comparing(preferred::test).thenComparing(BY_INDEX))
			.orElseThrow()
			.index();
		// After a scale-down the same indexes are filled with standbys
		boolean givenUp = this.draft.filled().size() > this.draft.places();
		for (WorkerHandle worker : this.draft.active((candidate) -> candidate.index() == place)) {
			if (givenUp) {
				this.draft.dismiss(worker);
			}
			else {
				this.draft.leave(worker);
			}
		}
	}

	private boolean isServed(int place) {
		return this.draft.active().anyMatch((worker) -> worker.index() == place && worker.is(Lifecycle.READY));
	}

	/**
	 * Spawn missing workers, each as soon as the delay after its last crash allows.
	 */
	private void fill() {
		Set<Integer> filled = this.draft.filled();
		int missing = this.draft.places() - filled.size();
		for (int index = 0; missing > 0; index++) {
			if (filled.contains(index)) {
				continue;
			}
			missing--;
			if (this.draft.maySpawn(index) && this.draft.room(this.draft.settings.maxSurge())
					&& this.reloads.maySpawn()) {
				this.draft.spawn(index, this.reloads.generationToSpawn());
			}
		}
	}

	/**
	 * Replace workers of an old generation, else those that ask to be recycled.
	 */
	private void replace() {
		if (this.draft.reload != null) {
			this.reloads.advance();
			return;
		}
		for (WorkerHandle worker : this.draft.active((candidate) -> candidate.recycle() != null)) {
			if (!this.draft.room(this.draft.settings.recycleSurge())) {
				return;
			}
			if (!worker.is(Lifecycle.STARTING) && this.draft.counterpart(worker) == null) {
				recycle(worker);
			}
		}
	}

	private void recycle(WorkerHandle worker) {
		WorkerHandle standby = worker.is(Lifecycle.READY) ? standby() : null;
		if (standby != null && standby.recycle() == null) {
			this.draft.announce(Level.INFO, "%s relieves %s", standby.label(), worker.label());
			serve(standby);
			this.draft.retire(worker);
			fill();
		}
		else if (this.draft.maySpawn(worker.index())) {
			this.draft.spawn(worker.index(), this.draft.generation);
		}
		else {
			return;
		}
		this.draft
			.notify(new FleetEvent.WorkerRecycling(worker.placement(), worker.pid(), String.valueOf(worker.recycle())));
	}

	/**
	 * Take over from the arbiter that this one replaces once all workers serve.
	 */
	private void takeOver() {
		if (this.draft.replacement == Replacement.EXPECTED
				&& this.draft.count(Lifecycle.READY) == this.draft.serving()) {
			this.draft.replacement = Replacement.TAKING_OVER;
			this.draft.announce(Level.INFO, "All workers are ready: taking over from the previous arbiter");
			this.draft.command(new Command.TakeOver());
		}
	}

}
