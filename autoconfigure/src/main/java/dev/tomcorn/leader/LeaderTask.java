package dev.tomcorn.leader;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;

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

	private volatile boolean missed;

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
		return this.missed && !isOver();
	}

	@Override
	public void run() {
		do {
			try (Leadership.Hold hold = this.leadership.hold()) {
				if (hold != null) {
					runHeld();
					return;
				}
				this.missed = this.kind != Kind.TRIGGERED;
			}
			// Or whoever makes up for it may have looked a moment ago
		}
		while (this.missed && this.leadership.isLeader());
	}

	/**
	 * What is made up for may meet the next tick.
	 */
	private void runHeld() {
		if (!this.running.compareAndSet(false, true)) {
			return;
		}
		this.missed = false;
		try {
			this.task.run();
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

}
