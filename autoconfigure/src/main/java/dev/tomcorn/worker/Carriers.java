package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

import jdk.management.VirtualThreadSchedulerMXBean;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Lends the scheduler of virtual threads more carriers while all that it has are held.
 * <p>
 * A virtual thread that waits within the loading or initializing of a class keeps its
 * carrier. Where as many of them as there are carriers wait for one that has none, no
 * virtual thread ever runs again: with two processors, two requests that reach a new
 * worker at once are enough. One more carrier lets the one go on for which they wait.
 */
final class Carriers {

	private static final Log logger = LogFactory.getLog(Carriers.class);

	/**
	 * More than that are no use to a worker whose carriers are held for good.
	 */
	private static final int MOST = 64;

	private final IntSupplier parallelism;

	private final IntConsumer change;

	private final Executor virtualThreads;

	private final int most;

	private int lentFrom;

	/**
	 * Create carriers.
	 * @param parallelism how many there are to be
	 * @param change changes that
	 * @param virtualThreads starts a virtual thread
	 * @param most how many there may be
	 */
	Carriers(IntSupplier parallelism, IntConsumer change, Executor virtualThreads, int most) {
		this.parallelism = parallelism;
		this.change = change;
		this.virtualThreads = virtualThreads;
		this.most = most;
	}

	/**
	 * Return those of this JVM. It needs the module {@code jdk.management} to change
	 * them, which a runtime of one's own may lack.
	 */
	static Carriers ofThisJvm() {
		VirtualThreadSchedulerMXBean scheduler = ModuleLayer.boot().findModule("jdk.management").isPresent()
				? ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class) : null;
		if (scheduler == null) {
			return new Carriers(() -> 0, (_) -> {
			}, Thread::startVirtualThread, 0);
		}
		return new Carriers(scheduler::getParallelism, scheduler::setParallelism, Thread::startVirtualThread,
				Integer.getInteger("jdk.virtualThreadScheduler.maxPoolSize", MOST));
	}

	/**
	 * Lend as many again, unless there are too many.
	 */
	void lend() {
		int before = this.parallelism.getAsInt();
		int more = Math.min(2 * before, Math.min(this.most, MOST));
		if (more <= before) {
			return;
		}
		if (this.lentFrom == 0) {
			this.lentFrom = before;
			logger.debug("All %d carriers of virtual threads are held: lending more".formatted(before));
		}
		this.change.accept(more);
		// The scheduler starts a carrier when it gets something to run
		for (int i = before; i < more; i++) {
			this.virtualThreads.execute(() -> {
			});
		}
	}

	/**
	 * Take back what was lent.
	 */
	void takeBack() {
		if (this.lentFrom != 0) {
			this.change.accept(this.lentFrom);
			this.lentFrom = 0;
		}
	}

}
