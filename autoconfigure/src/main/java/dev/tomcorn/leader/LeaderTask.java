package dev.tomcorn.leader;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.tomcorn.Leadership;
import org.jspecify.annotations.Nullable;

import org.springframework.scheduling.SchedulingAwareRunnable;

/**
 * A scheduled task that runs in the leader only.
 */
final class LeaderTask implements SchedulingAwareRunnable {

	private final Runnable task;

	private final Kind kind;

	private final Leadership leadership;

	private final AtomicBoolean running = new AtomicBoolean();

	private final AtomicBoolean missed = new AtomicBoolean();

	private volatile @Nullable ScheduledFuture<?> future;

	/**
	 * Kind of schedule of a task.
	 */
	enum Kind {

		/** Once. */
		ONCE,

		/** Repeatedly, from the start of the application. */
		PERIODIC,

		/** At times that do not depend on this worker. */
		TRIGGERED

	}

	LeaderTask(Runnable task, Kind kind, Leadership leadership) {
		this.task = task;
		this.kind = kind;
		this.leadership = leadership;
	}

	/**
	 * Set the scheduler's future of the task.
	 */
	ScheduledFuture<?> scheduled(ScheduledFuture<?> newFuture) {
		this.future = newFuture;
		return newFuture;
	}

	/**
	 * Return whether the task does not run any more: it was cancelled, or has run once as
	 * scheduled.
	 */
	boolean isOver() {
		ScheduledFuture<?> currentFuture = this.future;
		return (currentFuture != null && currentFuture.isCancelled()) || (this.kind == Kind.ONCE && this.running.get());
	}

	/**
	 * Return whether the task must run when this worker becomes the leader. Its run was
	 * due before that, as happens when the application starts.
	 */
	boolean isMissed() {
		return this.missed.get() && !isOver();
	}

	/**
	 * Return a task that makes up for a missed run. It does nothing if another run has
	 * taken place meanwhile.
	 */
	Runnable makingUp() {
		return new MissedRun();
	}

	@Override
	public void run() {
		if (run(true)) {
			return;
		}
		this.missed.set(this.kind != Kind.TRIGGERED);
		// The check for missed runs may have happened a moment ago
		while (this.missed.get() && this.leadership.isLeader() && !run(false)) {
			Thread.onSpinWait();
		}
	}

	/**
	 * Run the task if this worker leads.
	 * @param due whether to run it even if no run was missed
	 * @return whether this worker leads
	 */
	private boolean run(boolean due) {
		try (Leadership.Hold hold = this.leadership.hold()) {
			if (hold == null) {
				return false;
			}
			// A missed run may coincide with the next regular one
			if (this.running.compareAndSet(false, true)) {
				runAlone(due);
			}
			return true;
		}
	}

	private void runAlone(boolean due) {
		try {
			if (this.missed.getAndSet(false) || due) {
				this.task.run();
			}
		}
		finally {
			this.running.set(this.kind == Kind.ONCE);
		}
	}

	@Override
	public boolean isLongLived() {
		return this.task instanceof SchedulingAwareRunnable aware && aware.isLongLived();
	}

	@Override
	public @Nullable String getQualifier() {
		return (this.task instanceof SchedulingAwareRunnable aware) ? aware.getQualifier() : null;
	}

	/**
	 * Runs a missed task on the scheduler of the task itself.
	 */
	private final class MissedRun implements SchedulingAwareRunnable {

		@Override
		public void run() {
			LeaderTask.this.run(false);
		}

		@Override
		public boolean isLongLived() {
			return LeaderTask.this.isLongLived();
		}

		@Override
		public @Nullable String getQualifier() {
			return LeaderTask.this.getQualifier();
		}

	}

}
