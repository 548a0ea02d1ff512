package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.util.function.Supplier;

import dev.tomcorn.core.scoreboard.WorkerFigures.VirtualThreads;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JDK's scheduler of virtual threads. Needs the module {@code jdk.management},
 * which a runtime of one's own may lack.
 */
final class VirtualThreadScheduler implements Supplier<VirtualThreads> {

	/**
	 * Only a flight recording tells how often virtual threads were pinned.
	 */
	private static final long NOT_COUNTED = -1;

	private final VirtualThreadSchedulerMXBean scheduler;

	private VirtualThreadScheduler(VirtualThreadSchedulerMXBean scheduler) {
		this.scheduler = scheduler;
	}

	static Supplier<@Nullable VirtualThreads> ifPresent() {
		if (ModuleLayer.boot().findModule("jdk.management").isEmpty()) {
			return () -> null;
		}
		VirtualThreadSchedulerMXBean scheduler = ManagementFactory
			.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
		return (scheduler != null) ? new VirtualThreadScheduler(scheduler)::get : () -> null;
	}

	@Override
	public VirtualThreads get() {
		return new VirtualThreads(Math.max(0, this.scheduler.getMountedVirtualThreadCount()),
				Math.max(0, this.scheduler.getQueuedVirtualThreadCount()), this.scheduler.getParallelism(),
				NOT_COUNTED);
	}

}
