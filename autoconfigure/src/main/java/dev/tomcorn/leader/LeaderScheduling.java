package dev.tomcorn.leader;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.tomcorn.Leadership;
import dev.tomcorn.LeadershipAcquiredEvent;

import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.annotation.SchedulingConfigurer;
import org.springframework.scheduling.config.ScheduledTaskRegistrar;

/**
 * {@link SchedulingConfigurer} that makes {@code @Scheduled} methods run in the leader
 * only, on their usual scheduler. Tasks that the application itself passes to a
 * {@link TaskScheduler} are not affected.
 */
final class LeaderScheduling implements SchedulingConfigurer, Ordered {

	private final Leadership leadership;

	private final List<LeaderScheduler> schedulers = new CopyOnWriteArrayList<>();

	/**
	 * Create the configurer.
	 * @param leadership the worker's leadership
	 */
	LeaderScheduling(Leadership leadership) {
		this.leadership = leadership;
	}

	@Override
	public void configureTasks(ScheduledTaskRegistrar registrar) {
		TaskScheduler usual = registrar.getScheduler();
		if (usual != null) {
			LeaderScheduler scheduler = new LeaderScheduler(usual, this.leadership);
			this.schedulers.add(scheduler);
			registrar.setTaskScheduler(scheduler);
		}
	}

	@EventListener
	void onAcquired(LeadershipAcquiredEvent event) {
		this.schedulers.forEach(LeaderScheduler::makeUp);
	}

	@Override
	public int getOrder() {
		// After the application's own configurers, which may choose the scheduler
		return Ordered.LOWEST_PRECEDENCE;
	}

}
