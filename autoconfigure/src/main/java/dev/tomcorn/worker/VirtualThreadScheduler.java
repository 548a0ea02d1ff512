package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.util.function.LongFunction;

import dev.tomcorn.core.scoreboard.WorkerFigures.VirtualThreads;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JDK's scheduler of virtual threads. Needs the module {@code jdk.management},
 * which a custom runtime may lack.
 */
final class VirtualThreadScheduler {

	private final VirtualThreadSchedulerMXBean scheduler;

	private VirtualThreadScheduler(VirtualThreadSchedulerMXBean scheduler) {
		this.scheduler = scheduler;
	}

	/**
	 * Return a function that reads the scheduler. Its argument is how often virtual
	 * threads were pinned, which only a flight recording shows.
	 */
	static LongFunction<@Nullable VirtualThreads> ifPresent() {
		if (ModuleLayer.boot().findModule("jdk.management").isEmpty()) {
			return (_) -> null;
		}
		VirtualThreadSchedulerMXBean scheduler = ManagementFactory
			.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
		return (scheduler != null) ? new VirtualThreadScheduler(scheduler)::read : (_) -> null;
	}

	private VirtualThreads read(long pinned) {
		return new VirtualThreads(Math.max(0, this.scheduler.getMountedVirtualThreadCount()),
				Math.max(0, this.scheduler.getQueuedVirtualThreadCount()), this.scheduler.getParallelism(), pinned);
	}

}
