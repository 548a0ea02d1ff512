package dev.tomcorn.tomcat;

import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.jspecify.annotations.Nullable;

/**
 * Gives a worker that has just begun to serve less than its share of connections. The
 * share grows evenly from a tenth to the whole, as in HAProxy's slow start. A worker
 * leaves connections only to siblings that have been ready for longer than the slow start
 * takes and that can run one now. If all are new, or the others are full, it takes
 * connections as usual. The siblings need no information about this: they do not wait for
 * a worker whose slot shows that it takes no connection.
 */
final class SlowStart {

	private static final double SMALLEST = 0.1;

	private final Duration duration;

	private final Scoreboard scoreboard;

	private final LongSupplier nanoTime;

	private volatile long began;

	private volatile boolean active;

	/**
	 * How many connections the fleet had taken when this worker last took one, or began.
	 */
	private volatile long takenBefore;

	/**
	 * Create the slow start of a worker.
	 * @param duration how long the slow start takes, zero for none
	 * @param scoreboard where the siblings are
	 * @param nanoTime the clock
	 */
	SlowStart(Duration duration, Scoreboard scoreboard, LongSupplier nanoTime) {
		this.duration = duration;
		this.scoreboard = scoreboard;
		this.nanoTime = nanoTime;
	}

	/**
	 * The worker begins to serve.
	 */
	void begin() {
		this.began = this.nanoTime.getAsLong();
		this.takenBefore = this.scoreboard.listenerQueue().takenConnections();
		this.active = this.duration.isPositive();
	}

	/**
	 * The worker has taken a connection, which the fleet's figures already include.
	 */
	void taken() {
		if (this.active) {
			this.takenBefore = this.scoreboard.listenerQueue().takenConnections();
		}
	}

	/**
	 * Return a sibling that should take the next connection because this worker is new.
	 * @param takes whether a sibling can take it
	 * @return the sibling, or {@code null} if this worker may take it
	 */
	@Nullable WorkerSlot elder(Predicate<WorkerSlot> takes) {
		if (!this.active) {
			return null;
		}
		double warmth = (double) (this.nanoTime.getAsLong() - this.began) / this.duration.toNanos();
		if (warmth >= 1) {
			this.active = false;
			return null;
		}
		WorkerSlot elder = null;
		int workers = 1;
		Instant limit = Instant.now().minus(this.duration);
		for (WorkerSlot sibling : this.scoreboard.slots()) {
			if (takes.test(sibling)) {
				workers++;
				if (!sibling.startedAt().plus(sibling.bootTime()).isAfter(limit)) {
					elder = sibling;
				}
			}
		}
		long taken = this.scoreboard.listenerQueue().takenConnections() - this.takenBefore;
		return ((taken + 1) * Math.max(SMALLEST, warmth) < workers) ? elder : null;
	}

}
