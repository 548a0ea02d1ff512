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
 * carrier, and so does one in a native call. If as many of them as there are carriers
 * wait for a virtual thread that has none, no virtual thread runs again. With two
 * processors, two requests that reach a new worker at once are enough. One more carrier
 * lets the thread go on for which they wait.
 */
final class Carriers {

	private static final Log logger = LogFactory.getLog(Carriers.class);

	/**
	 * A worker that has so many and does not go on is better replaced.
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
	 * @param parallelism how many carriers the scheduler may use
	 * @param change changes that
	 * @param held how many virtual threads have a carrier
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
	 * Return those of this JVM. A runtime without the module {@code jdk.management} lends
	 * none.
	 */
	static Carriers ofThisJvm() {
		VirtualThreadSchedulerMXBean scheduler = ModuleLayer.boot().findModule("jdk.management").isPresent()
				? ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class) : null;
		if (scheduler == null) {
			return new Carriers(() -> 0, (_) -> {
			}, () -> 0, Thread::startVirtualThread, 0);
		}
		// Loads the classes now. Later the loading of a class may wait for a carrier
		scheduler.setParallelism(scheduler.getParallelism());
		scheduler.getMountedVirtualThreadCount();
		startFromNewThread(NOTHING);
		return new Carriers(scheduler::getParallelism, scheduler::setParallelism,
				scheduler::getMountedVirtualThreadCount, Carriers::startFromNewThread,
				Integer.getInteger("jdk.virtualThreadScheduler.maxPoolSize", LIMIT));
	}

	/**
	 * Start a virtual thread so that the scheduler starts a carrier for it. It does not
	 * for one behind others that wait in the same queue, and a thread always uses the
	 * same queue. So each is started from another thread.
	 */
	private static void startFromNewThread(Runnable task) {
		Thread.ofPlatform().daemon().name("tomcorn-carrier-start").start(() -> Thread.startVirtualThread(task));
	}

	/**
	 * Return how many carriers there were before more were lent, 0 while none are. Safe
	 * from any thread.
	 */
	int lentFrom() {
		return this.lentFrom;
	}

	/**
	 * Lend as many again, up to the limit.
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
		// The scheduler starts a carrier when it gets something to run
		for (int i = before; i < more; i++) {
			this.virtualThreads.execute(NOTHING);
		}
	}

	/**
	 * Take back what was lent, unless so many virtual threads have a carrier that all
	 * that remain would be held.
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
