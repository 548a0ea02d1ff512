package dev.tomcorn.worker;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.problem.WorkerFacts;
import dev.tomcorn.core.scoreboard.WorkerFigures;
import dev.tomcorn.core.scoreboard.WorkerFigures.OldestRequest;
import dev.tomcorn.core.scoreboard.WorkerFigures.VirtualThreads;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.request.FigureWindow;
import dev.tomcorn.request.RequestInFlight;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.request.SlowRequests;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Writes the figures of the worker to its slot once a second, where every process can
 * read them. It also records where slow requests are running. It has a thread of its own,
 * because reading the figures can take a while and must not delay the heartbeat.
 */
public final class FigureSampler implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(FigureSampler.class);

	private static final Duration INTERVAL = Duration.ofSeconds(1);

	private final WorkerSlot slot;

	private final RequestsInFlight requests;

	private final Sources sources;

	private final LongSupplier ticker;

	private final FigureWindow window;

	private final SlowRequests slowRequests;

	private final GcShare gcShare = new GcShare();

	private final int capacity;

	private long lookedAt;

	private long cpuNanos;

	private volatile Runnable afterLook = () -> {
	};

	private volatile Supplier<WorkerFacts.@Nullable Pool> pools = () -> null;

	private volatile LongSupplier pinned = () -> -1;

	private volatile boolean closed;

	private @Nullable Thread thread;

	/**
	 * Sources of the figures.
	 *
	 * @param memory readings of the JVM's memory
	 * @param ownMemory whether the sampler itself shows them
	 * @param cpuNanos CPU time of the process, in nanoseconds
	 * @param virtualThreads reads the scheduler of virtual threads; its argument is how
	 * often they were pinned
	 */
	record Sources(MemoryReadings memory, boolean ownMemory, LongSupplier cpuNanos,
			LongFunction<@Nullable VirtualThreads> virtualThreads) {
	}

	FigureSampler(WorkerSlot slot, RequestsInFlight requests, int capacity, Sources sources, LongSupplier ticker) {
		this.slot = slot;
		this.requests = requests;
		this.slowRequests = new SlowRequests(requests);
		this.sources = sources;
		this.ticker = ticker;
		this.capacity = capacity;
		this.lookedAt = ticker.getAsLong();
		this.cpuNanos = sources.cpuNanos().getAsLong();
		this.window = new FigureWindow(requests.figures(), this.lookedAt);
		slot.setCapacity(capacity);
	}

	/**
	 * Start the sampler.
	 * @param process the worker
	 * @param requests its requests
	 * @param capacity how many of them run at once
	 * @param frames finds the application's frames in a stack
	 * @return the sampler
	 */
	public static FigureSampler start(WorkerProcess process, RequestsInFlight requests, int capacity,
			ApplicationFrames frames) {
		// The heartbeat of a supervised worker shows its memory
		FigureSampler sampler = new FigureSampler(process.slot(), requests, capacity,
				new Sources(MemoryReadings.ofThisProcess(), !process.isSupervised(), CpuTime.ofThisProcess(),
						VirtualThreadScheduler.ifPresent()),
				System::nanoTime);
		if (process.isSupervised()) {
			CarrierHolders holders = new CarrierHolders(process.slot(), process::carriersLentFrom, process.record(),
					frames, () -> ThreadStacks.take(ThreadStacks.Stack::mounted), System::nanoTime);
			sampler.afterLook = new FactsReporter(process.slot(), requests, frames, process::deadlock,
					() -> sampler.pools.get(), holders::sample, process::tell, System::nanoTime)::report;
		}
		sampler.thread = Thread.ofPlatform().daemon().name("tomcorn-figures").start(sampler::run);
		return sampler;
	}

	/**
	 * Show how often virtual threads were pinned, which the sampler cannot count itself.
	 * @param newPinned returns how often since the start of this JVM, or -1 if it is not
	 * known
	 */
	public void countPinned(LongSupplier newPinned) {
		this.pinned = newPinned;
	}

	/**
	 * Report the connection pool that threads wait for to the arbiter.
	 * @param newPools returns the pool that most threads wait for, or {@code null} for
	 * none
	 */
	public void watchPools(Supplier<WorkerFacts.@Nullable Pool> newPools) {
		this.pools = newPools;
	}

	private void run() {
		while (!this.closed) {
			LockSupport.parkNanos(INTERVAL.toNanos());
			try {
				sample();
				this.afterLook.run();
			}
			catch (RuntimeException | OutOfMemoryError ex) {
				logger.warn("Cannot measure this worker", ex);
			}
		}
	}

	/**
	 * Take a sample and write it to the slot.
	 */
	void sample() {
		this.slowRequests.update();
		if (this.sources.ownMemory()) {
			this.sources.memory().show(this.slot);
		}
		long now = this.ticker.getAsLong();
		FigureWindow.Figures figures = this.window.advance(now, this.requests.runningNanos());
		this.slot.setFigures(new WorkerFigures(figures.requestsPerSecond(), figures.latency(), figures.queueTime(),
				Math.min(1, figures.running() / this.capacity), cpuRatio(now),
				Math.min(1, this.gcShare.update(now, this.sources.memory().gcMillis().getAsLong())),
				this.sources.virtualThreads().apply(this.pinned.getAsLong()), oldest()));
	}

	private double cpuRatio(long now) {
		long before = this.cpuNanos;
		long elapsed = now - this.lookedAt;
		this.cpuNanos = this.sources.cpuNanos().getAsLong();
		this.lookedAt = now;
		return (elapsed > 0) ? Math.max(0, (double) (this.cpuNanos - before) / elapsed) : 0;
	}

	private @Nullable OldestRequest oldest() {
		RequestInFlight oldest = this.requests.oldest();
		return (oldest == null) ? null : new OldestRequest(oldest.number(), oldest.method(), oldest.path(),
				oldest.came(), oldest.frames().stream().findFirst().orElse(""));
	}

	/**
	 * Stop the sampler.
	 */
	@Override
	public void close() {
		this.closed = true;
		LockSupport.unpark(this.thread);
	}

}
