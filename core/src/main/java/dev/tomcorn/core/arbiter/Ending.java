package dev.tomcorn.core.arbiter;

import java.time.Duration;

import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.FleetState.Phase;
import dev.tomcorn.core.arbiter.FleetState.Replacement;
import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;

/**
 * Stops or pauses the whole fleet, or lets another arbiter take it over.
 */
final class Ending {

	/**
	 * Longest time for a worker to end without waiting for requests.
	 */
	static final Duration FAST_STOP_LIMIT = Duration.ofSeconds(5);

	/**
	 * Consecutive readings after which the listener's queue counts as empty: a handshake
	 * may take a moment.
	 */
	private static final int EMPTY_LOOKS = 2;

	/**
	 * Time for another arbiter beyond the boot timeouts of its workers.
	 */
	static final Duration REPLACEMENT_MARGIN = Duration.ofSeconds(30);

	private final FleetDraft draft;

	private final Reloads reloads;

	Ending(FleetDraft draft, Reloads reloads) {
		this.draft = draft;
		this.reloads = reloads;
	}

	void stop() {
		if (this.draft.stopping()) {
			return;
		}
		Duration gracefulTimeout = this.draft.settings.gracefulTimeout();
		this.draft.announce(Level.INFO, "Stopping: draining %d worker(s), at most %s", this.draft.all().size(),
				FleetDraft.text(gracefulTimeout));
		begin(Phase.CLOSING, true);
		this.draft.stopAt = this.draft.now + gracefulTimeout.toNanos();
		boolean shared = this.draft.replacement.sharesListener();
		if (!shared) {
			this.draft.command(new Command.RefuseConnections());
		}
		this.draft.active((worker) -> !worker.is(Lifecycle.READY)).forEach(this.draft::retire);
		if (shared || gracefulTimeout.isZero() || this.draft.count(Lifecycle.READY) == 0) {
			drain();
		}
	}

	private void begin(Phase phase, boolean graceful) {
		if (this.draft.replacement == Replacement.STARTING) {
			this.draft.replacement = Replacement.NONE;
			this.draft.command(new Command.StopReplacement());
		}
		this.draft.phase = phase;
		this.reloads.fail("the fleet is stopping", "");
		this.draft.notify(new FleetEvent.Stopping(graceful));
	}

	void tick(int queued) {
		if (this.draft.replacement == Replacement.STARTING && this.draft.now >= this.draft.replaceBy) {
			this.draft.command(new Command.StopReplacement());
			replacementFailed("has not taken over in time");
		}
		if (this.draft.phase != Phase.CLOSING) {
			return;
		}
		this.draft.emptyLooks = (queued > 0) ? 0 : this.draft.emptyLooks + 1;
		// Leave half of the time for the drain
		long closeAt = this.draft.stopAt - this.draft.settings.gracefulTimeout().dividedBy(2).toNanos();
		if (this.draft.emptyLooks >= EMPTY_LOOKS || this.draft.now >= closeAt
				|| this.draft.count(Lifecycle.READY) == 0) {
			drain();
		}
	}

	private void drain() {
		this.draft.phase = Phase.STOPPING;
		this.draft.command(new Command.CloseListener());
		Duration left = Duration.ofNanos(Math.max(this.draft.stopAt - this.draft.now, 0));
		this.draft.active()
			.forEach((worker) -> this.draft.stop(worker, left, left.plus(this.draft.settings.closeTimeout())));
		this.draft.haltIfEmpty();
	}

	void stopFast() {
		boolean again = this.draft.phase == Phase.STOPPING_FAST;
		this.draft.announce(Level.INFO, again ? "Stopping at once" : "Stopping without waiting for requests");
		if (!again) {
			begin(Phase.STOPPING_FAST, false);
		}
		for (WorkerHandle worker : this.draft.all()) {
			if (worker.is(Lifecycle.KILLED)) {
				continue;
			}
			if (again || worker.is(Lifecycle.RECORDING)) {
				this.draft.kill(worker);
			}
			else {
				this.draft.stop(worker, Duration.ZERO, FAST_STOP_LIMIT);
			}
		}
		this.draft.haltIfEmpty();
	}

	void pause() {
		if (this.draft.phase != Phase.RUNNING || this.draft.paused) {
			return;
		}
		this.draft.announce(Level.INFO,
				"Pausing: draining %d worker(s); clients wait until the fleet is resumed, or reloaded",
				this.draft.all().size());
		this.draft.paused(true);
		this.reloads.fail("the fleet is pausing", "");
		this.draft.publish();
	}

	void replace() {
		if (this.draft.phase != Phase.RUNNING || this.draft.reload != null
				|| this.draft.replacement != Replacement.NONE) {
			this.draft.announce(Level.WARN, "Not replacing the arbiter: %s",
					(this.draft.reload != null) ? "a reload is under way" : (this.draft.phase != Phase.RUNNING)
							? "the fleet is " + this.draft.phase : "a replacement is under way");
			return;
		}
		this.draft.replacement = Replacement.STARTING;
		// One worker boots alone, then the rest
		Duration bootTimeout = this.draft.settings.bootTimeout();
		this.draft.replaceBy = WorkerHandle.deadline(this.draft.now,
				bootTimeout.isZero() ? bootTimeout : bootTimeout.multipliedBy(2).plus(REPLACEMENT_MARGIN));
		this.draft.announce(Level.INFO, "Starting another arbiter to take over");
		this.draft.notify(new FleetEvent.Replacing());
		this.draft.command(new Command.SpawnReplacement());
	}

	void replacementFailed(String reason) {
		if (this.draft.replacement == Replacement.STARTING) {
			this.draft.replacement = Replacement.NONE;
			this.draft.announce(Level.ERROR, "The other arbiter %s: this one stays", reason);
		}
	}

	/**
	 * Take note that the previous arbiter is notified, or gone.
	 */
	void predecessorReleased() {
		if (this.draft.replacement == Replacement.TAKING_OVER) {
			this.draft.replacement = Replacement.NONE;
		}
	}

	void successorReady() {
		if (this.draft.replacement != Replacement.STARTING || this.draft.stopping()) {
			return;
		}
		this.draft.replacement = Replacement.TAKEN_OVER;
		this.draft.phase = Phase.STOPPING;
		this.draft.command(new Command.LeaveListener());
		this.draft.announce(Level.INFO, "Another arbiter has taken over: draining %d worker(s), then ending",
				this.draft.all().size());
		this.draft.notify(new FleetEvent.Stopping(true));
		this.draft.active().forEach(this.draft::retire);
		this.draft.haltIfEmpty();
	}

}
