package dev.tomcorn.leader;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;

import dev.tomcorn.Leadership;
import org.jspecify.annotations.Nullable;

import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.Trigger;

/**
 * Runs tasks on another scheduler, in the leader only.
 */
final class LeaderScheduler implements TaskScheduler {

	private final TaskScheduler scheduler;

	private final Leadership leadership;

	private final List<LeaderTask> tasks = new CopyOnWriteArrayList<>();

	LeaderScheduler(TaskScheduler scheduler, Leadership leadership) {
		this.scheduler = scheduler;
		this.leadership = leadership;
	}

	/**
	 * Run the tasks whose first run came before this worker led.
	 */
	void makeUp() {
		this.tasks.removeIf(LeaderTask::isOver);
		for (LeaderTask task : this.tasks) {
			if (task.isMissed()) {
				try {
					this.scheduler.schedule(task.makingUp(), getClock().instant());
				}
				catch (TaskRejectedException ex) {
					// The scheduler has been stopped
				}
			}
		}
	}

	private LeaderTask task(Runnable task, LeaderTask.Kind kind) {
		LeaderTask leaderTask = new LeaderTask(task, kind, this.leadership);
		this.tasks.removeIf(LeaderTask::isOver);
		this.tasks.add(leaderTask);
		return leaderTask;
	}

	@Override
	public Clock getClock() {
		return this.scheduler.getClock();
	}

	@Override
	public @Nullable ScheduledFuture<?> schedule(Runnable task, Trigger trigger) {
		return this.scheduler.schedule(new LeaderTask(task, LeaderTask.Kind.TRIGGERED, this.leadership), trigger);
	}

	@Override
	public ScheduledFuture<?> schedule(Runnable task, Instant startTime) {
		LeaderTask once = task(task, LeaderTask.Kind.ONCE);
		return once.scheduled(this.scheduler.schedule(once, startTime));
	}

	@Override
	public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Instant startTime, Duration period) {
		LeaderTask periodic = task(task, LeaderTask.Kind.PERIODIC);
		return periodic.scheduled(this.scheduler.scheduleAtFixedRate(periodic, startTime, period));
	}

	@Override
	public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Duration period) {
		LeaderTask periodic = task(task, LeaderTask.Kind.PERIODIC);
		return periodic.scheduled(this.scheduler.scheduleAtFixedRate(periodic, period));
	}

	@Override
	public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Instant startTime, Duration delay) {
		LeaderTask periodic = task(task, LeaderTask.Kind.PERIODIC);
		return periodic.scheduled(this.scheduler.scheduleWithFixedDelay(periodic, startTime, delay));
	}

	@Override
	public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Duration delay) {
		LeaderTask periodic = task(task, LeaderTask.Kind.PERIODIC);
		return periodic.scheduled(this.scheduler.scheduleWithFixedDelay(periodic, delay));
	}

}
