package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

import dev.tomcorn.core.process.JavaHeap;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.jspecify.annotations.Nullable;

/**
 * Returns the memory that a load has taken when the worker is idle. The serial collector
 * collects the old generation only when the heap has its maximum size. So it would keep
 * that memory until the worker ends. Other collectors return memory themselves, or have
 * an option for it.
 */
final class IdleMemory {

	/**
	 * How long a worker has nothing to do before it collects.
	 */
	static final Duration IDLE = Duration.ofSeconds(2);

	/**
	 * Shortest time between two collections.
	 */
	static final Duration DISTANCE = Duration.ofMinutes(1);

	/**
	 * Least growth of the old generation that is worth a collection.
	 */
	static final long GROWTH = 8L << 20;

	/**
	 * Largest amount of live objects. A collection stops the worker for about a second
	 * per gigabyte of them, and a request may come meanwhile.
	 */
	static final long LIMIT = 256L << 20;

	/**
	 * The serial collector's name for its old generation.
	 */
	private static final String OLD_GENERATION = "Tenured Gen";

	/**
	 * Largest share of a CPU that an idle worker uses.
	 */
	private static final double IDLE_CPU = 0.1;

	private final WorkerSlot slot;

	private final LongSupplier ticker;

	private final LongSupplier cpuNanos;

	private final MemoryPoolMXBean oldGeneration;

	private final Runnable collect;

	private MemoryUsage kept;

	private long checkedAt;

	private long checkedCpu;

	private long handled;

	private long idleSince;

	private boolean collected;

	private long collectedAt;

	/**
	 * Create the watch of a worker.
	 * @param slot the worker, with the number of its requests
	 * @param ticker the clock, in nanoseconds
	 * @param cpuNanos CPU time of this process, in nanoseconds
	 * @param oldGeneration the old generation of the heap
	 * @param collect collects, and returns memory
	 */
	IdleMemory(WorkerSlot slot, LongSupplier ticker, LongSupplier cpuNanos, MemoryPoolMXBean oldGeneration,
			Runnable collect) {
		this.slot = slot;
		this.ticker = ticker;
		this.cpuNanos = cpuNanos;
		this.oldGeneration = oldGeneration;
		this.collect = collect;
		this.kept = oldGeneration.getUsage();
		this.idleSince = ticker.getAsLong();
		isBusy(this.idleSince);
	}

	/**
	 * Create the watch of the worker in this JVM.
	 * @param slot the worker
	 * @return the watch, or {@code null} if the collector is not the serial one
	 */
	static @Nullable IdleMemory of(WorkerSlot slot) {
		MemoryPoolMXBean oldGeneration = oldGeneration(ManagementFactory.getMemoryPoolMXBeans());
		return (oldGeneration != null)
				? new IdleMemory(slot, System::nanoTime, CpuTime.ofThisProcess(), oldGeneration, JavaHeap::giveBack)
				: null;
	}

	static @Nullable MemoryPoolMXBean oldGeneration(List<MemoryPoolMXBean> pools) {
		return pools.stream().filter((pool) -> pool.getName().equals(OLD_GENERATION)).findAny().orElse(null);
	}

	/**
	 * Collect if the worker is idle and its old generation has grown. Called about once a
	 * second, by one thread.
	 */
	void check() {
		long now = this.ticker.getAsLong();
		if (isBusy(now)) {
			this.idleSince = now;
		}
		else if (now - this.idleSince >= IDLE.toNanos() && isDue(now)) {
			this.collect.run();
			this.collected = true;
			this.collectedAt = now;
			this.kept = this.oldGeneration.getUsage();
		}
	}

	/**
	 * Return whether the worker has done something since the last check.
	 */
	private boolean isBusy(long now) {
		long cpu = this.cpuNanos.getAsLong();
		long requests = this.slot.handledRequests();
		boolean busy = requests != this.handled || cpu - this.checkedCpu > IDLE_CPU * (now - this.checkedAt);
		this.checkedAt = now;
		this.checkedCpu = cpu;
		this.handled = requests;
		return busy;
	}

	private boolean isDue(long now) {
		MemoryUsage usage = this.oldGeneration.getUsage();
		boolean grown = usage.getUsed() - this.kept.getUsed() >= GROWTH
				|| usage.getCommitted() - this.kept.getCommitted() >= GROWTH;
		return grown && live(usage) <= LIMIT && (!this.collected || now - this.collectedAt >= DISTANCE.toNanos());
	}

	/**
	 * Estimate the live objects: what the last full collection has left, if there was
	 * one.
	 */
	private long live(MemoryUsage usage) {
		MemoryUsage afterCollection = this.oldGeneration.getCollectionUsage();
		long left = (afterCollection != null) ? afterCollection.getUsed() : 0;
		return (left > 0) ? Math.min(left, usage.getUsed()) : usage.getUsed();
	}

}
