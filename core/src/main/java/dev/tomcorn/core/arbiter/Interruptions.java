package dev.tomcorn.core.arbiter;

import java.util.Set;
import java.util.function.Supplier;

import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.FleetState.Phase;
import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;

/**
 * Boots that a signal interrupts. A signal to the whole process group also ends booting
 * workers, which cannot ignore it yet. The arbiter starts such a worker again and does
 * not count a failure.
 */
final class Interruptions {

	/**
	 * Most consecutive interruptions. A further one counts as a failed boot.
	 */
	static final int MAX = 10;

	private static final int SIGNAL_BASE = 128;

	/**
	 * Exit code of a JVM that TERM has ended.
	 */
	static final int TERMINATED = SIGNAL_BASE + 15;

	/**
	 * HUP, INT, QUIT, USR1, USR2 and TERM, as Linux numbers them on x86-64 and aarch64.
	 */
	private static final Set<Integer> SIGNALS = Set.of(1, 2, 3, 10, 12, 15);

	private final FleetDraft draft;

	Interruptions(FleetDraft draft) {
		this.draft = draft;
	}

	/**
	 * Return whether an exit is the end of a boot that a signal interrupted.
	 */
	boolean isOne(WorkerHandle worker, Event.Exited exit) {
		return isBooting(worker) && exit.death().cause() == ExitCause.SIGNAL
				&& SIGNALS.contains(exit.exitCode() - SIGNAL_BASE) && this.draft.interruptions < MAX;
	}

	/**
	 * Return whether a worker is booting. The first one may already be closing its
	 * application.
	 */
	private boolean isBooting(WorkerHandle worker) {
		return !worker.planned() && worker.verdict() == null && !this.draft.stopping()
				&& (worker.is(Lifecycle.STARTING) || this.draft.phase == Phase.BOOTING);
	}

	/**
	 * Record an interrupted boot as an event of the fleet, but neither as a death nor as
	 * a restart.
	 * @param respawn describes what happens next at the worker's index
	 */
	void ended(WorkerHandle worker, Event.Exited exit, Supplier<String> respawn) {
		String cause = "ended by signal %d while it was booting".formatted(exit.exitCode() - SIGNAL_BASE);
		Death death = new Death(ExitCause.SIGNAL, cause);
		this.draft.interruptions++;
		this.draft.remove(worker.age());
		this.draft.notify(new FleetEvent.WorkerExited(worker.placement(), worker.pid(), false, death));
		this.draft.announceOutcome(Level.INFO, "%s was %s".formatted(worker.label(), cause), respawn);
		this.draft.history(this.draft.report.history()
			.ended(worker.placement(), worker.pid(), cause, null, this.draft.now)
			.left(worker.index(), new FleetHistory.Exit(this.draft.now, ExitCause.SIGNAL, cause), false));
	}

}
