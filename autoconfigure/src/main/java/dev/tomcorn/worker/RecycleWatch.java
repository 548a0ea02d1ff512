package dev.tomcorn.worker;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether a ready worker has reached a recycling limit, and asks for its
 * replacement once.
 */
final class RecycleWatch {

	private static final Log logger = LogFactory.getLog(RecycleWatch.class);

	/**
	 * How many estimates of the live set in a row must be above the limit. A request that
	 * holds much memory for a moment is not a leak.
	 */
	private static final int COLLECTIONS_IN_A_ROW = 3;

	/**
	 * Shortest time between two of these estimates, since a busy collector runs several
	 * times within such a moment.
	 */
	private static final Duration COLLECTIONS_DISTANCE = Duration.ofSeconds(1);

	private static final long MEGABYTE = 1024 * 1024;

	private final RecycleLimits limits;

	private final long jitter;

	private final WorkerSlot slot;

	private final LongSupplier ticker;

	private final Consumer<String> recycle;

	private long readyAt;

	private boolean ready;

	private boolean asked;

	private boolean warned;

	private int collectionsAboveLimit;

	private long collectionCountedAt;

	private long liveSet;

	/**
	 * Create the watch of a worker. A standby may become ready long afterwards.
	 * @param limits the limits
	 * @param jitter number of requests to add to their limit
	 * @param slot the worker, with its readings
	 * @param ticker the clock, in nanoseconds
	 * @param recycle asks for a replacement, with the reason
	 */
	RecycleWatch(RecycleLimits limits, long jitter, WorkerSlot slot, LongSupplier ticker, Consumer<String> recycle) {
		this.limits = limits;
		this.jitter = jitter;
		this.slot = slot;
		this.ticker = ticker;
		this.recycle = recycle;
	}

	/**
	 * Create the watch of the worker in this JVM. Every worker draws its own jitter, so
	 * that workers with an equal share of requests do not reach the limit together.
	 */
	static RecycleWatch of(RecycleLimits limits, WorkerSlot slot, Consumer<String> recycle) {
		long jitter = ThreadLocalRandom.current().nextLong(limits.maxRequestsJitter() + 1L);
		RecycleWatch watch = new RecycleWatch(limits, jitter, slot, System::nanoTime, recycle);
		if (limits.maxHeapAfterGc() > 0 && !CollectionNotifications.listen(watch::afterCollection)) {
			logger.warn("tomcorn.max-heap-after-gc has no effect: this Java runtime lacks the module jdk.management");
		}
		return watch;
	}

	/**
	 * Record an estimate of the live set. Called by a thread of the JVM.
	 */
	synchronized void afterCollection(long bytes) {
		long now = this.ticker.getAsLong();
		if (this.slot.state() != WorkerState.READY || bytes <= this.limits.maxHeapAfterGc()) {
			this.collectionsAboveLimit = 0;
		}
		else if (this.collectionsAboveLimit == 0 || now - this.collectionCountedAt >= COLLECTIONS_DISTANCE.toNanos()) {
			this.collectionsAboveLimit++;
			this.collectionCountedAt = now;
		}
		this.liveSet = bytes;
	}

	/**
	 * Check the readings, and ask for a replacement if a limit is reached.
	 */
	void check() {
		if (this.asked || this.slot.state() != WorkerState.READY) {
			return;
		}
		if (!this.ready) {
			this.ready = true;
			this.readyAt = this.ticker.getAsLong();
		}
		String reason = reason();
		if (reason != null) {
			this.recycle.accept(reason);
			// Set last: if asking failed, the next check asks again
			this.asked = true;
		}
	}

	private @Nullable String reason() {
		long requests = this.slot.handledRequests();
		int maxRequests = this.limits.maxRequests();
		if (maxRequests > 0 && requests >= maxRequests + this.jitter) {
			return "max-requests (%d%s) reached: %d requests".formatted(maxRequests,
					(this.jitter > 0) ? ", jitter " + this.jitter : "", requests);
		}
		Duration maxLifetime = this.limits.maxLifetime();
		if (maxLifetime.isPositive() && this.ticker.getAsLong() - this.readyAt >= maxLifetime.toNanos()) {
			return "max-lifetime (" + text(maxLifetime) + ")";
		}
		if (this.limits.maxMemory() > 0 && residentMemory() > this.limits.maxMemory()) {
			return "max-memory: %d MB resident, limit %d MB".formatted(megabytes(residentMemory()),
					this.limits.maxMemory() / MEGABYTE);
		}
		return (this.limits.maxHeapAfterGc() > 0) ? heapReason() : null;
	}

	private synchronized @Nullable String heapReason() {
		return (this.collectionsAboveLimit >= COLLECTIONS_IN_A_ROW)
				? "max-heap-after-gc: %d MB of heap in use after %d collections in a row, limit %d MB".formatted(
						megabytes(this.liveSet), this.collectionsAboveLimit, this.limits.maxHeapAfterGc() / MEGABYTE)
				: null;
	}

	private long residentMemory() {
		long bytes = this.slot.residentMemory();
		if (bytes == 0 && !this.warned) {
			this.warned = true;
			logger.warn("tomcorn.max-memory has no effect: the resident memory cannot be read from /proc/self/status");
		}
		return bytes;
	}

	/**
	 * Round up, so that a value above the limit does not look equal to it.
	 */
	private static long megabytes(long bytes) {
		return Math.ceilDiv(bytes, MEGABYTE);
	}

	private static String text(Duration duration) {
		long millis = duration.toMillis();
		if (millis % Duration.ofHours(1).toMillis() == 0) {
			return duration.toHours() + " h";
		}
		if (millis % Duration.ofMinutes(1).toMillis() == 0) {
			return duration.toMinutes() + " min";
		}
		return String.format(Locale.ROOT, "%.1f s", millis / 1000.0).replace(".0 s", " s");
	}

}
