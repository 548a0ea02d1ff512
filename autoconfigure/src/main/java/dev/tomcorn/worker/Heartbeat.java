package dev.tomcorn.worker;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Shows that the worker is able to do useful work, and does not while it is not: while
 * its virtual threads do not get to run (see {@link SchedulerProbe}) with more carriers
 * either (see {@link Carriers}), or it does little but collect garbage (see
 * {@link GcShare}). It tells why before it falls silent. The arbiter kills a worker that
 * is silent for {@code tomcorn.timeout}, and siblings stop leaving connections to it
 * after two seconds.
 * <p>
 * Collectors that work beside the application, as ZGC and Shenandoah do, hardly pause it
 * however little memory is left. There a thread that allocates waits for memory while
 * others go on, which is not noticed here: such a worker ends by running out of memory or
 * its requests by their own limit.
 * <p>
 * One thread does it, which also keeps the readings of the worker's slot up to date and
 * looks whether a limit ends the worker's useful life.
 */
final class Heartbeat {

	private static final Log logger = LogFactory.getLog(Heartbeat.class);

	private static final Duration INTERVAL = Duration.ofMillis(250);

	private static final Duration GAUGES_INTERVAL = Duration.ofSeconds(1);

	/**
	 * Share of its time that a worker may stand still for collections.
	 */
	private static final double GC_LIMIT = 0.9;

	private final WorkerSlot slot;

	private final LongSupplier ticker;

	private final MemoryReadings memory;

	private final Carriers carriers;

	private final GcShare gcShare = new GcShare();

	private volatile @Nullable SchedulerProbe scheduler;

	private volatile @Nullable RecycleWatch recycling;

	private volatile @Nullable FullMemory fullMemory;

	private volatile @Nullable DeadlockWatch deadlocks;

	private long gaugesAt;

	private boolean gaugesKnown;

	/**
	 * Create a heartbeat.
	 * @param slot where to show it
	 * @param ticker the clock, in nanoseconds
	 * @param memory how the worker is off for memory
	 * @param carriers what runs virtual threads
	 */
	Heartbeat(WorkerSlot slot, LongSupplier ticker, MemoryReadings memory, Carriers carriers) {
		this.slot = slot;
		this.ticker = ticker;
		this.memory = memory;
		this.carriers = carriers;
	}

	static Heartbeat of(WorkerSlot slot) {
		return new Heartbeat(slot, System::nanoTime, MemoryReadings.ofThisProcess(), Carriers.ofThisJvm());
	}

	/**
	 * Return how many carriers of virtual threads there were before more were lent, 0
	 * while none are. Safe from any thread.
	 */
	int carriersLentFrom() {
		return this.carriers.lentFrom();
	}

	void start() {
		Thread.ofPlatform().daemon().name("tomcorn-heartbeat").start(this::run);
	}

	/**
	 * Watch over the worker, now that it is ready.
	 * @param virtualThreads whether it is of no use while virtual threads do not run
	 * @param watch what ends its useful life
	 * @param newFullMemory looked at from time to time, or {@code null}
	 * @param newDeadlocks looks for deadlocks, or {@code null}
	 */
	void watch(boolean virtualThreads, RecycleWatch watch, @Nullable FullMemory newFullMemory,
			@Nullable DeadlockWatch newDeadlocks) {
		this.fullMemory = newFullMemory;
		this.deadlocks = newDeadlocks;
		this.scheduler = virtualThreads
				? new SchedulerProbe(Thread::startVirtualThread, this.ticker, this.slot::handledRequests) : null;
		this.recycling = watch;
	}

	private void run() {
		while (true) {
			beat();
			LockSupport.parkNanos(INTERVAL.toNanos());
		}
	}

	void beat() {
		Trouble trouble = readings();
		this.slot.setTrouble(trouble);
		if (trouble == Trouble.NONE) {
			this.slot.beat();
			RecycleWatch watch = this.recycling;
			if (watch != null) {
				checkLimits(watch);
			}
		}
		DeadlockWatch currentDeadlocks = this.deadlocks;
		if (currentDeadlocks != null) {
			currentDeadlocks.checkIfDue();
		}
	}

	private Trouble readings() {
		try {
			readGauges();
			return trouble();
		}
		catch (OutOfMemoryError ex) {
			return Trouble.GARBAGE_COLLECTION;
		}
	}

	/**
	 * What fails there, such as the start of a thread, must not stop the heart.
	 */
	private static void checkLimits(RecycleWatch watch) {
		try {
			watch.check();
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			logger.warn("Cannot tell whether this worker has reached a limit", ex);
		}
	}

	private Trouble trouble() {
		SchedulerProbe probe = this.scheduler;
		// Both look every time: what they compare must not be old
		boolean stuck = probe != null && stuck(probe);
		boolean collecting = this.gcShare.update(this.ticker.getAsLong(),
				this.memory.gcMillis().getAsLong()) >= GC_LIMIT;
		if (collecting) {
			return Trouble.GARBAGE_COLLECTION;
		}
		return stuck ? Trouble.SCHEDULER_STUCK : Trouble.NONE;
	}

	private boolean stuck(SchedulerProbe probe) {
		boolean stuck = probe.stuck();
		if (probe.held()) {
			this.carriers.lend();
		}
		else {
			this.carriers.takeBack();
		}
		return stuck;
	}

	private void readGauges() {
		long now = this.ticker.getAsLong();
		if (this.gaugesKnown && now - this.gaugesAt < GAUGES_INTERVAL.toNanos()) {
			return;
		}
		this.gaugesAt = now;
		this.gaugesKnown = true;
		this.memory.show(this.slot);
		FullMemory currentMemory = this.fullMemory;
		if (currentMemory != null) {
			currentMemory.check();
		}
	}

}
