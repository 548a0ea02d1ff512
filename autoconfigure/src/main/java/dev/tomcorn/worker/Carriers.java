package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

import jdk.management.VirtualThreadSchedulerMXBean;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Adds carriers to the scheduler of virtual threads while all of its carriers are held.
 * <p>
 * A virtual thread that waits while a class is loaded or initialized keeps its carrier,
 * and so does one in a native call. If all carriers are held by threads that wait for an
 * unmounted virtual thread, no virtual thread runs again. With two processors, two
 * requests that reach a new worker at once are enough. One more carrier lets the thread
 * that they wait for continue.
 */
final class Carriers {

	private static final Log logger = LogFactory.getLog(Carriers.class);

	/**
	 * Maximum number of carriers. A worker that has so many and still hangs should be
	 * replaced.
	 */
	private static final int LIMIT = 64;

	private static final Runnable NOTHING = () -> {
	};

	private final IntSupplier parallelism;

	private final IntConsumer change;

	private final IntSupplier held;

	private final Executor virtualThreads;

	private final int limit;

	private volatile int lentFrom;

	/**
	 * Create carriers.
	 * @param parallelism returns how many carriers the scheduler may use
	 * @param change changes that number
	 * @param held returns how many virtual threads are mounted
	 * @param virtualThreads starts a virtual thread
	 * @param limit how many carriers the scheduler can have
	 */
	Carriers(IntSupplier parallelism, IntConsumer change, IntSupplier held, Executor virtualThreads, int limit) {
		this.parallelism = parallelism;
		this.change = change;
		this.held = held;
		this.virtualThreads = virtualThreads;
		this.limit = limit;
	}

	/**
	 * Return the carriers of this JVM. A runtime without the module
	 * {@code jdk.management} never adds any.
	 */
	static Carriers ofThisJvm() {
		VirtualThreadSchedulerMXBean scheduler = ModuleLayer.boot().findModule("jdk.management").isPresent()
				? ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class) : null;
		if (scheduler == null) {
			return new Carriers(() -> 0, (_) -> {
			}, () -> 0, Thread::startVirtualThread, 0);
		}
		// Load the classes now, because loading them later may itself wait for a carrier
		scheduler.setParallelism(scheduler.getParallelism());
		scheduler.getMountedVirtualThreadCount();
		startFromNewThread(NOTHING);
		return new Carriers(scheduler::getParallelism, scheduler::setParallelism,
				scheduler::getMountedVirtualThreadCount, Carriers::startFromNewThread,
				Integer.getInteger("jdk.virtualThreadScheduler.maxPoolSize", LIMIT));
	}

	/**
	 * Start a virtual thread so that the scheduler starts a carrier for it. The scheduler
	 * starts none if other threads already wait in the same queue, and a platform thread
	 * always uses the same queue. Each virtual thread is therefore started from another
	 * platform thread.
	 */
	private static void startFromNewThread(Runnable task) {
		Thread.ofPlatform().daemon().name("tomcorn-carrier-start").start(() -> Thread.startVirtualThread(task));
	}

	/**
	 * Return the number of carriers before extra ones were added, 0 while there are none.
	 * Safe from any thread.
	 */
	int lentFrom() {
		return this.lentFrom;
	}

	/**
	 * Double the number of carriers, up to the limit.
	 */
	void lend() {
		int before = this.parallelism.getAsInt();
		int more = Math.min(2 * before, Math.min(this.limit, LIMIT));
		if (more <= before) {
			return;
		}
		if (this.lentFrom == 0) {
			this.lentFrom = before;
		}
		this.change.accept(more);
		// The scheduler starts a carrier when it gets a task
		for (int i = before; i < more; i++) {
			this.virtualThreads.execute(NOTHING);
		}
	}

	/**
	 * Remove the extra carriers, unless so many virtual threads are mounted that all
	 * remaining carriers would be held.
	 */
	void takeBack() {
		if (this.lentFrom != 0 && this.held.getAsInt() < this.lentFrom) {
			logger.debug("All %d carriers of virtual threads were held, and with up to %d they run again"
				.formatted(this.lentFrom, this.parallelism.getAsInt()));
			this.change.accept(this.lentFrom);
			this.lentFrom = 0;
		}
	}

}
