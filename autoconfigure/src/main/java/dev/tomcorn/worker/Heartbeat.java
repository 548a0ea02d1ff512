package dev.tomcorn.worker;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

import dev.tomcorn.core.arbiter.BackgroundThread;
import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Shows that the worker can do useful work. It stops while virtual threads do not run
 * (see {@link SchedulerProbe}) even with extra carriers (see {@link Carriers}), and while
 * the worker does little but collect garbage (see {@link GcShare}). The slot then shows
 * the reason. The arbiter kills a worker that is silent for {@code tomcorn.timeout}, and
 * siblings stop leaving connections to it after two seconds.
 * <p>
 * Concurrent collectors such as ZGC and Shenandoah hardly pause the application, however
 * little memory is left. A thread that allocates then waits for memory while others go
 * on. The heartbeat does not detect this: the worker ends when it runs out of memory, or
 * its requests end at their time limit.
 * <p>
 * The heartbeat's thread also updates the readings in the worker's slot, checks whether
 * the worker has reached a recycling limit, and returns memory when the worker is idle.
 */
final class Heartbeat {

	private static final Log logger = LogFactory.getLog(Heartbeat.class);

	private static final Duration INTERVAL = Duration.ofMillis(250);

	private static final Duration GAUGES_INTERVAL = Duration.ofSeconds(1);

	/**
	 * Largest share of its time that a worker may be paused for collections.
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

	private volatile @Nullable IdleMemory idleMemory;

	private long gaugesAt;

	private boolean gaugesKnown;

	private final Executor elsewhere = BackgroundThread.onDemand("tomcorn-heartbeat-log");

	private final Set<String> failures = new HashSet<>();

	/**
	 * Create a heartbeat.
	 * @param slot the worker's slot
	 * @param ticker the clock, in nanoseconds
	 * @param memory readings of the worker's memory
	 * @param carriers the carriers of virtual threads
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
	 * Return the number of carriers of virtual threads before extra ones were added, 0
	 * while there are none. Safe from any thread.
	 */
	int carriersLentFrom() {
		return this.carriers.lentFrom();
	}

	void start() {
		Thread.ofPlatform().daemon().name("tomcorn-heartbeat").start(this::run);
	}

	/**
	 * Watch the worker, now that it is ready.
	 * @param virtualThreads whether it needs virtual threads to be useful
	 * @param watch checks the recycling limits
	 * @param newFullMemory checks the metaspace, or {@code null}
	 * @param newDeadlocks detects deadlocks, or {@code null}
	 * @param newIdleMemory returns memory, or {@code null}
	 */
	void watch(boolean virtualThreads, RecycleWatch watch, @Nullable FullMemory newFullMemory,
			@Nullable DeadlockWatch newDeadlocks, @Nullable IdleMemory newIdleMemory) {
		this.fullMemory = newFullMemory;
		this.idleMemory = newIdleMemory;
		this.deadlocks = newDeadlocks;
		this.scheduler = virtualThreads
				? new SchedulerProbe(Thread::startVirtualThread, this.ticker, this.slot::handledRequests) : null;
		this.recycling = watch;
	}

	private void run() {
		while (true) {
			try {
				beat();
			}
			catch (RuntimeException | Error ex) {
				failed("The heartbeat is incomplete", ex);
			}
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
			IdleMemory currentIdleMemory = this.idleMemory;
			if (currentIdleMemory != null) {
				returnMemory(currentIdleMemory);
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
		catch (RuntimeException | Error ex) {
			// What cannot be read says nothing against the worker
			failed("Cannot read all figures of this worker", ex);
			return Trouble.NONE;
		}
	}

	/**
	 * Say once what failed, in another thread: the log may hang. Does not fail, even
	 * without memory for it.
	 */
	private void failed(String what, Throwable cause) {
		try {
			if (this.failures.add(what)) {
				this.elsewhere.execute(() -> logger.warn(what, cause));
			}
		}
		catch (RuntimeException | Error ex) {
			// The next beat may have what this one lacked
		}
	}

	/**
	 * Check the limits. A failure, such as of the start of a thread, must not stop the
	 * heartbeat.
	 */
	private void checkLimits(RecycleWatch watch) {
		try {
			watch.check();
		}
		catch (RuntimeException | Error ex) {
			failed("Cannot check whether this worker has reached a limit", ex);
		}
	}

	private void returnMemory(IdleMemory idle) {
		try {
			idle.check();
		}
		catch (RuntimeException | Error ex) {
			failed("Cannot return the memory of this idle worker", ex);
		}
	}

	private Trouble trouble() {
		SchedulerProbe probe = this.scheduler;
		// Both are updated every time, so that they compare recent values
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
