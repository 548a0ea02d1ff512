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
	 * When a task runs.
	 */
	enum Kind {

		/** Once. */
		ONCE,

		/** Again and again, beginning with the start of the application. */
		PERIODIC,

		/** At times that have nothing to do with this worker. */
		TRIGGERED

	}

	LeaderTask(Runnable task, Kind kind, Leadership leadership) {
		this.task = task;
		this.kind = kind;
		this.leadership = leadership;
	}

	/**
	 * Remember what the scheduler knows of the task.
	 */
	ScheduledFuture<?> scheduled(ScheduledFuture<?> newFuture) {
		this.future = newFuture;
		return newFuture;
	}

	/**
	 * Return whether the task runs no more: it was cancelled, or had its one run.
	 */
	boolean isOver() {
		ScheduledFuture<?> currentFuture = this.future;
		return (currentFuture != null && currentFuture.isCancelled()) || (this.kind == Kind.ONCE && this.running.get());
	}

	/**
	 * Return whether the task is to be made up for when this worker becomes the leader:
	 * its first run came too early for that, as it does when the application starts.
	 */
	boolean isMissed() {
		return this.missed.get() && !isOver();
	}

	/**
	 * Return what makes up for a missed run. It runs nothing when another run has come
	 * meanwhile.
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
		// Whoever makes up for it may have looked a moment ago
		while (this.missed.get() && this.leadership.isLeader() && !run(false)) {
			Thread.onSpinWait();
		}
	}

	/**
	 * Run the task if this worker leads.
	 * @param due whether it is to run also when nothing was missed
	 * @return whether this worker leads
	 */
	private boolean run(boolean due) {
		try (Leadership.Hold hold = this.leadership.hold()) {
			if (hold == null) {
				return false;
			}
			// What is made up for may meet the next tick
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
	 * Runs what was missed, where the task itself would run.
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
