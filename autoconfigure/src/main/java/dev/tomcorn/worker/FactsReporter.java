package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.problem.WorkerFacts;
import dev.tomcorn.core.problem.WorkerFacts.Carriers;
import dev.tomcorn.core.problem.WorkerFacts.LongRequest;
import dev.tomcorn.core.problem.WorkerFacts.Pool;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.request.MemoryFailures;
import dev.tomcorn.request.RequestInFlight;
import dev.tomcorn.request.RequestsInFlight;
import org.jspecify.annotations.Nullable;

/**
 * Reports facts about possible problems of this worker that only the worker itself knows.
 * Reports to the arbiter when they have changed, and each second while the worker is
 * silent. Used by one thread.
 */
final class FactsReporter {

	/**
	 * A younger request is not a problem.
	 */
	private static final long YOUNG = Duration.ofSeconds(1).toNanos();

	/**
	 * How many of the oldest requests are examined for one that runs application code.
	 */
	private static final int CANDIDATES = 4;

	private static final String OPERATIONS = "dev.tomcorn.actuate.WorkersEndpoint";

	private static final String SOCKET = "org.apache.tomcat.util.net.NioEndpoint$NioSocketWrapper";

	private static final String STREAM_INPUT = "org.apache.coyote.http2.Stream$";

	private static final long MEGABYTE = 1024 * 1024;

	private static final double NANOS_PER_MILLI = 1e6;

	private final WorkerSlot slot;

	private final RequestsInFlight requests;

	private final ApplicationFrames frames;

	private final Supplier<String> deadlock;

	private final Supplier<@Nullable Pool> pool;

	private final Supplier<@Nullable Carriers> carriers;

	private final Consumer<WorkerFacts> arbiter;

	private final LongSupplier ticker;

	private final List<MemoryPoolMXBean> heap = ManagementFactory.getMemoryPoolMXBeans()
		.stream()
		.filter((candidate) -> candidate.getType() == MemoryType.HEAP)
		.toList();

	private WorkerFacts last = WorkerFacts.NONE;

	/**
	 * Create the reporter of a worker.
	 * @param slot the worker
	 * @param requests its requests
	 * @param frames finds the application's frames in a stack
	 * @param deadlock returns the current deadlock, or empty
	 * @param pool returns the connection pool that most threads wait for
	 * @param carriers returns the holders of the carriers of virtual threads
	 * @param arbiter receives the report
	 * @param ticker the clock that all processes share, in nanoseconds
	 */
	FactsReporter(WorkerSlot slot, RequestsInFlight requests, ApplicationFrames frames, Supplier<String> deadlock,
			Supplier<@Nullable Pool> pool, Supplier<@Nullable Carriers> carriers, Consumer<WorkerFacts> arbiter,
			LongSupplier ticker) {
		this.slot = slot;
		this.requests = requests;
		this.frames = frames;
		this.deadlock = deadlock;
		this.pool = pool;
		this.carriers = carriers;
		this.arbiter = arbiter;
		this.ticker = ticker;
	}

	/**
	 * Collect the facts, and report them if they have changed.
	 */
	void report() {
		MemoryFailures failures = this.requests.memoryFailures();
		WorkerFacts facts = new WorkerFacts(longest(), this.carriers.get(), this.deadlock.get(), failures.count(),
				failures.last(), failures.lastAt(), heapAfterGc(), this.pool.get());
		if (!facts.equals(this.last) || this.slot.isSilent()) {
			this.last = facts;
			this.arbiter.accept(facts);
		}
	}

	private @Nullable LongRequest longest() {
		long now = this.requests.now();
		return this.requests.all()
			.stream()
			.filter((request) -> request.age(now) >= YOUNG && request.isRun())
			.sorted(Comparator.comparingLong((RequestInFlight request) -> request.age(now)).reversed())
			.limit(CANDIDATES)
			.map((request) -> longRequest(request, now))
			.filter(Objects::nonNull)
			.findFirst()
			.orElse(null);
	}

	private @Nullable LongRequest longRequest(RequestInFlight request, long now) {
		RequestInFlight.Activity activity = request.currentActivity();
		if (activity == null || activity.thread() == null || isOperation(activity.stack())) {
			return null;
		}
		return new LongRequest(request.method(), request.path(), this.ticker.getAsLong() - request.age(now),
				place(activity.stack()), usualMillis());
	}

	/**
	 * Return whether a request waits for an operation of an operator. The stack must
	 * contain the endpoint itself: if the endpoint is on the application's port, its
	 * filters are on the stack of every request.
	 */
	static boolean isOperation(StackTraceElement[] stack) {
		return Arrays.stream(stack).anyMatch((frame) -> frame.getClassName().startsWith(OPERATIONS));
	}

	/**
	 * Return where a request is running, in the application's code if possible.
	 */
	String place(StackTraceElement[] stack) {
		List<String> first = this.frames.first(stack, 1);
		String place = first.isEmpty() ? "" : ApplicationFrames.place(first.getFirst());
		return waitsForClient(stack) ? LongRequest.CLIENT_BODY + (place.isEmpty() ? "" : ", at " + place) : place;
	}

	/**
	 * Return whether a request waits in one of Tomcat's reads, of HTTP/1.1 or HTTP/2, for
	 * bytes of its client.
	 */
	private static boolean waitsForClient(StackTraceElement[] stack) {
		return Arrays.stream(stack)
			.anyMatch((frame) -> (frame.getClassName().equals(SOCKET) && frame.getMethodName().equals("fillReadBuffer"))
					|| (frame.getClassName().startsWith(STREAM_INPUT) && frame.getMethodName().equals("doRead")));
	}

	private double usualMillis() {
		return this.requests.figures().usualNanos() / NANOS_PER_MILLI;
	}

	/**
	 * Return the heap in use after the last collections, in whole megabytes so that it
	 * does not change all the time. The current use is the upper limit, because much
	 * memory may have become free without a collection of the old generation.
	 */
	private long heapAfterGc() {
		long left = 0;
		for (MemoryPoolMXBean space : this.heap) {
			MemoryUsage usage = space.getCollectionUsage();
			left += (usage != null) ? usage.getUsed() : 0;
		}
		Runtime runtime = Runtime.getRuntime();
		return Math.min(left, runtime.totalMemory() - runtime.freeMemory()) / MEGABYTE * MEGABYTE;
	}

}
