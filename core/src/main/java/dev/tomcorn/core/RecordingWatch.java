package dev.tomcorn.core;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

import dev.tomcorn.core.release.PreloadSettings;
import org.jspecify.annotations.Nullable;

/**
 * Watches a worker that records for an AOT cache: whether it has served enough, and
 * whether its JVM takes too long to write the recording.
 */
final class RecordingWatch {

	/**
	 * Longest time for a JVM to write the recording after its application is closed.
	 */
	static final Duration LIMIT = Duration.ofSeconds(40);

	/**
	 * The same at the end of the fleet.
	 */
	static final Duration LAST_LIMIT = Duration.ofSeconds(4);

	private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

	private final @Nullable Path closed;

	private final PreloadSettings settings;

	private final LongSupplier nanoTime;

	private final Executor executor;

	private final AtomicBoolean checking = new AtomicBoolean();

	private volatile boolean seen;

	private long checkedAt;

	private boolean serves;

	private long servesSince;

	private boolean enough;

	private boolean isClosed;

	private long closedSince;

	/**
	 * Create the watch of a worker.
	 * @param closed what will show that its application is closed, or {@code null} if it
	 * does not record
	 * @param settings when it has served enough
	 * @param nanoTime the clock
	 */
	RecordingWatch(@Nullable Path closed, PreloadSettings settings, LongSupplier nanoTime) {
		this(closed, settings, nanoTime,
				(check) -> Thread.ofPlatform().daemon().name("tomcorn-recording").start(check));
	}

	/**
	 * Create the watch of a worker.
	 * @param closed what will show that its application is closed, or {@code null} if it
	 * does not record
	 * @param settings when it has served enough
	 * @param nanoTime the clock
	 * @param executor looks at files, which may hang
	 */
	RecordingWatch(@Nullable Path closed, PreloadSettings settings, LongSupplier nanoTime, Executor executor) {
		this.closed = closed;
		this.settings = settings;
		this.nanoTime = nanoTime;
		this.executor = executor;
		this.checkedAt = nanoTime.getAsLong() - CHECK_INTERVAL.toNanos();
	}

	/**
	 * The worker serves from now on.
	 */
	void serves() {
		this.serves = true;
		this.servesSince = this.nanoTime.getAsLong();
	}

	/**
	 * Return whether the worker has served enough. Returns {@code true} only once.
	 * @param requests how many requests it has handled
	 */
	boolean hasServedEnough(long requests) {
		if (this.closed == null || this.enough || !this.serves) {
			return false;
		}
		this.enough = requests >= this.settings.trainingRequests()
				|| this.nanoTime.getAsLong() - this.servesSince >= this.settings.trainingTime().toNanos();
		return this.enough;
	}

	/**
	 * Return whether its JVM has been writing for too long.
	 * @param last whether the whole fleet ends
	 */
	boolean writesForLong(boolean last) {
		if (this.closed == null) {
			return false;
		}
		if (!this.isClosed && isSeen(this.closed)) {
			this.isClosed = true;
			this.closedSince = this.nanoTime.getAsLong();
		}
		Duration limit = last ? LAST_LIMIT : LIMIT;
		return this.isClosed && this.nanoTime.getAsLong() - this.closedSince >= limit.toNanos();
	}

	/**
	 * Return whether the mark was there at the last check, and begin another one.
	 */
	private boolean isSeen(Path mark) {
		long now = this.nanoTime.getAsLong();
		if (!this.seen && now - this.checkedAt >= CHECK_INTERVAL.toNanos()
				&& this.checking.compareAndSet(false, true)) {
			this.checkedAt = now;
			try {
				this.executor.execute(() -> check(mark));
			}
			catch (RuntimeException | Error ex) {
				// No thread available: the next check tries again
				this.checking.set(false);
			}
		}
		return this.seen;
	}

	private void check(Path mark) {
		try {
			this.seen = Files.exists(mark);
		}
		finally {
			this.checking.set(false);
		}
	}

}
