package dev.tomcorn.tomcat;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a worker may take the next connection: while it is open, below its limit,
 * and no sibling that waits for a connection right now should have it instead. What is
 * not taken stays in the kernel's queue.
 * <p>
 * A worker yields only to a sibling that accepts, in {@code accept} or on its way back
 * there, and shows a fresh heartbeat, and for at most {@link #MAX_YIELD} while a
 * connection waits. So no state a sibling can be in, frozen included, keeps the others
 * from accepting.
 */
final class AcceptGate {

	/**
	 * Longest time that a waiting connection is left to a sibling.
	 */
	private static final Duration MAX_YIELD = Duration.ofMillis(10);

	private static final Duration FRESH_HEARTBEAT = Duration.ofSeconds(1);

	private static final Duration IDLE_WAIT = Duration.ofMillis(100);

	private static final Duration FULL_WAIT = Duration.ofMillis(20);

	private static final Duration YIELD_WAIT = Duration.ofNanos(50_000);

	private final Scoreboard scoreboard;

	private final WorkerSlot slot;

	private final @Nullable Predicate<Duration> waitingConnection;

	private final int concurrency;

	private volatile State state;

	private volatile @Nullable Thread waiting;

	/**
	 * Create a gate.
	 * @param scoreboard where the siblings are
	 * @param slot this worker
	 * @param concurrency how many requests this worker runs at once
	 * @param waitingConnection waits, for at most a time, until a connection waits in the
	 * kernel's queue; {@code null} when there are no siblings
	 */
	AcceptGate(Scoreboard scoreboard, WorkerSlot slot, int concurrency,
			@Nullable Predicate<Duration> waitingConnection) {
		this.scoreboard = scoreboard;
		this.slot = slot;
		this.concurrency = concurrency;
		this.waitingConnection = waitingConnection;
		this.state = (waitingConnection != null) ? State.NOT_READY : State.OPEN;
	}

	private enum State {

		NOT_READY, OPEN, CLOSED

	}

	void open() {
		if (this.state == State.NOT_READY) {
			this.state = State.OPEN;
			changed();
		}
	}

	void close() {
		this.state = State.CLOSED;
		changed();
	}

	boolean isClosed() {
		return this.state == State.CLOSED;
	}

	/**
	 * Look again: a request has ended, or a connection was closed.
	 */
	void changed() {
		Thread thread = this.waiting;
		if (thread != null) {
			LockSupport.unpark(thread);
		}
	}

	/**
	 * Wait for this worker's turn.
	 * @return whether to take a connection; {@code false} once the gate is closed
	 */
	boolean awaitTurn(Runnable whenFull) {
		this.waiting = Thread.currentThread();
		try {
			long yieldingSince = 0;
			while (this.state != State.CLOSED) {
				if (this.state == State.OPEN && hasRoom() && (this.waitingConnection == null || !siblingComesFirst())) {
					this.slot.setAccepting(true);
					return true;
				}
				// Before any wait, so that nobody waits for this worker meanwhile
				this.slot.setAccepting(false);
				if (this.waitingConnection == null || this.state == State.NOT_READY || !hasRoom()) {
					whenFull.run();
					LockSupport.parkNanos(FULL_WAIT.toNanos());
				}
				else if (!this.waitingConnection.test(IDLE_WAIT)) {
					yieldingSince = 0;
				}
				else if (yieldingSince == 0) {
					yieldingSince = System.nanoTime();
				}
				else if (System.nanoTime() - yieldingSince > MAX_YIELD.toNanos()) {
					return true;
				}
				else {
					LockSupport.parkNanos(YIELD_WAIT.toNanos());
				}
			}
			this.slot.setAccepting(false);
			return false;
		}
		finally {
			this.waiting = null;
		}
	}

	private boolean hasRoom() {
		int busy = this.slot.busy();
		if (this.concurrency == 1) {
			// One at a time also means while a request goes on without a thread
			busy = Math.max(busy, this.slot.activeRequests());
		}
		return busy < this.concurrency;
	}

	private boolean siblingComesFirst() {
		int busy = this.slot.busy();
		int open = this.slot.openConnections();
		for (WorkerSlot sibling : this.scoreboard.slots()) {
			if (sibling != this.slot && sibling.accepting() && sibling.state() == WorkerState.READY
					&& comesFirst(sibling, busy, open) && sibling.heartbeatAge().compareTo(FRESH_HEARTBEAT) < 0) {
				return true;
			}
		}
		return false;
	}

	/**
	 * The clearly less busy worker comes first; among about equally busy ones the one
	 * with fewer connections.
	 */
	private boolean comesFirst(WorkerSlot sibling, int busy, int open) {
		int siblingBusy = sibling.busy();
		int tolerance = Math.min(4 + Math.max(busy, siblingBusy) / 4, this.concurrency / 4);
		if (siblingBusy + tolerance < busy) {
			return true;
		}
		return sibling.openConnections() + open / 32 < open && siblingBusy <= busy + tolerance;
	}

}
