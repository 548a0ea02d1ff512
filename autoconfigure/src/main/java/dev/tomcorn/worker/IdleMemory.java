package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

import dev.tomcorn.core.process.JavaHeap;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.jspecify.annotations.Nullable;

/**
 * Returns the memory that a load has taken when the worker is idle. The serial collector
 * seldom collects the old generation before the heap has its maximum size. So it would
 * keep that memory until the worker ends. Other collectors return memory themselves, or
 * have an option for it.
 */
final class IdleMemory {

	/**
	 * How long the worker with index 0 is idle before it collects. Each further one waits
	 * longer by the same time: their load ends at once, and a request that comes then
	 * usually finds a worker that does not collect.
	 */
	static final Duration IDLE = Duration.ofSeconds(2);

	private static final int TURNS = 8;

	/**
	 * Shortest time between two collections.
	 */
	static final Duration DISTANCE = Duration.ofMinutes(1);

	/**
	 * After this time, a worker collects again although its old generation has not grown:
	 * what was in use then may be garbage now.
	 */
	static final Duration AGAIN = Duration.ofMinutes(10);

	/**
	 * Least growth of the old generation that is worth a collection.
	 */
	static final long GROWTH = 8L << 20;

	private static final int GROWTH_SHARE = 4;

	/**
	 * Largest old generation to collect. A collection stops the worker for a time that
	 * depends on its live objects, and a request may come meanwhile.
	 */
	static final long LIMIT = 512L << 20;

	/**
	 * After a collection that has taken longer, the worker does not collect again.
	 */
	static final Duration TOO_LONG = Duration.ofMillis(500);

	/**
	 * The serial collector's name for its old generation.
	 */
	private static final String OLD_GENERATION = "Tenured Gen";

	private static final Duration INTERVAL = Duration.ofSeconds(1);

	/**
	 * Largest share of a CPU that an idle worker uses.
	 */
	private static final double IDLE_CPU = 0.1;

	private final WorkerSlot slot;

	private final LongSupplier ticker;

	private final LongSupplier cpuNanos;

	private final MemoryPoolMXBean oldGeneration;

	private final Runnable collect;

	private long checkedAt;

	private long checkedCpu;

	private long handled;

	private long idleSince;

	private boolean collected;

	private long collectedAt;

	private boolean tookTooLong;

	private long kept;

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
		this.idleSince = ticker.getAsLong();
		isBusy(this.idleSince);
	}

	/**
	 * Create the watch of the worker in this JVM.
	 * @param slot the worker
	 * @return the watch, or {@code null} if the collector is not the serial one or does
	 * not return memory at once, or if the Java runtime does not tell whether the worker
	 * is idle
	 */
	static @Nullable IdleMemory of(WorkerSlot slot) {
		MemoryPoolMXBean oldGeneration = oldGeneration(ManagementFactory.getMemoryPoolMXBeans());
		LongSupplier cpuNanos = CpuTime.ofThisProcess();
		return (oldGeneration != null && JavaHeap.shrinksAtOnce() && cpuNanos.getAsLong() > 0)
				? new IdleMemory(slot, System::nanoTime, cpuNanos, oldGeneration, JavaHeap::giveBack) : null;
	}

	static @Nullable MemoryPoolMXBean oldGeneration(List<MemoryPoolMXBean> pools) {
		return pools.stream().filter((pool) -> pool.getName().equals(OLD_GENERATION)).findAny().orElse(null);
	}

	/**
	 * Collect if the worker is idle and memory can be returned. Called by one thread,
	 * more than once a second.
	 */
	void check() {
		long now = this.ticker.getAsLong();
		if (now - this.checkedAt < INTERVAL.toNanos()) {
			return;
		}
		if (isBusy(now)) {
			this.idleSince = now;
		}
		else if (now - this.idleSince >= idleNanos() && isDue(now)) {
			this.collected = true;
			this.collectedAt = now;
			this.collect.run();
			this.tookTooLong = this.ticker.getAsLong() - now > TOO_LONG.toNanos();
			this.kept = this.oldGeneration.getUsage().getCommitted();
		}
	}

	/**
	 * In whole numbers: {@link Duration#multipliedBy} would load the classes of decimal
	 * numbers in each worker that has just started.
	 */
	private long idleNanos() {
		return IDLE.toNanos() * (1 + this.slot.index() % TURNS);
	}

	/**
	 * Return whether the worker has done something since the last check, or does not
	 * serve.
	 */
	private boolean isBusy(long now) {
		long cpu = this.cpuNanos.getAsLong();
		long requests = this.slot.handledRequests();
		WorkerState state = this.slot.state();
		boolean busy = requests != this.handled || cpu - this.checkedCpu > IDLE_CPU * (now - this.checkedAt)
				|| (state != WorkerState.READY && state != WorkerState.STANDBY);
		this.checkedAt = now;
		this.checkedCpu = cpu;
		this.handled = requests;
		return busy;
	}

	/**
	 * The JVM does not make the old generation smaller than it was at the start.
	 */
	private boolean isDue(long now) {
		MemoryUsage usage = this.oldGeneration.getUsage();
		long committed = usage.getCommitted();
		if (this.tookTooLong || committed > LIMIT || committed - usage.getInit() < GROWTH) {
			return false;
		}
		if (!this.collected) {
			return true;
		}
		long since = now - this.collectedAt;
		boolean grown = committed - this.kept >= Math.max(GROWTH, this.kept / GROWTH_SHARE);
		return (grown && since >= DISTANCE.toNanos()) || since >= AGAIN.toNanos();
	}

}
