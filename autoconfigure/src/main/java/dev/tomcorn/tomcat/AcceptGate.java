package dev.tomcorn.tomcat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.function.Predicate;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a worker may take the next connection: while it is open, below its limit,
 * and no sibling should have it instead. What is not taken stays in the kernel's queue.
 * <p>
 * Which worker comes first is a total order over the workers that accept, so that the
 * first of them never waits. A sibling counts only while it is not silent, and one that
 * has let a connection wait for {@link #MAX_YIELD} does not count before its heart beats
 * again. So no state a sibling can be in, frozen included, keeps the others from
 * accepting.
 */
final class AcceptGate implements Gate {

	/**
	 * Longest time that a waiting connection is left to a sibling. On a busy machine a
	 * healthy sibling may wait that long for a CPU.
	 */
	private static final Duration MAX_YIELD = Duration.ofMillis(200);

	private static final Duration IDLE_WAIT = Duration.ofMillis(100);

	private static final Duration FULL_WAIT = Duration.ofMillis(20);

	private static final Duration MIN_YIELD_WAIT = Duration.ofNanos(50_000);

	private static final Duration MAX_YIELD_WAIT = Duration.ofNanos(250_000);

	private final Scoreboard scoreboard;

	private final WorkerSlot slot;

	private final @Nullable Predicate<Duration> waitingConnection;

	private final IntSupplier suspended;

	private final int concurrency;

	/**
	 * Heartbeats, by slot, of siblings that did not take what was left to them.
	 */
	private final Map<Integer, Long> distrusted = new HashMap<>();

	private final AtomicReference<State> state;

	private volatile @Nullable Thread waiting;

	/**
	 * Create a gate.
	 * @param scoreboard where the siblings are
	 * @param slot this worker
	 * @param concurrency how many requests this worker runs at once
	 * @param waitingConnection waits, for at most a time, until a connection waits in the
	 * kernel's queue; {@code null} when there are no siblings
	 * @param suspended how many requests go on without a thread
	 */
	AcceptGate(Scoreboard scoreboard, WorkerSlot slot, int concurrency, @Nullable Predicate<Duration> waitingConnection,
			IntSupplier suspended) {
		this.scoreboard = scoreboard;
		this.slot = slot;
		this.concurrency = concurrency;
		this.waitingConnection = waitingConnection;
		this.suspended = suspended;
		this.state = new AtomicReference<>((waitingConnection != null) ? State.NOT_READY : State.OPEN);
	}

	private enum State {

		NOT_READY, OPEN, LAST_CALL, CLOSED

	}

	void open() {
		if (this.state.compareAndSet(State.NOT_READY, State.OPEN)) {
			changed();
		}
	}

	@Override
	public void lastCall() {
		this.state.updateAndGet((current) -> (current != State.CLOSED) ? State.LAST_CALL : current);
		changed();
	}

	@Override
	public void close() {
		this.state.set(State.CLOSED);
		changed();
	}

	@Override
	public boolean isClosed() {
		return this.state.get() == State.CLOSED;
	}

	@Override
	public void changed() {
		Thread thread = this.waiting;
		if (thread != null) {
			LockSupport.unpark(thread);
		}
	}

	@Override
	public boolean awaitTurn(Runnable beforeLook) {
		this.waiting = Thread.currentThread();
		try {
			while (this.state.get() != State.CLOSED) {
				if (this.state.get() == State.LAST_CALL) {
					return true;
				}
				beforeLook.run();
				boolean accepting = this.state.get() == State.OPEN && hasRoom();
				this.slot.setAccepting(accepting);
				if (!accepting) {
					LockSupport.parkNanos(FULL_WAIT.toNanos());
				}
				else if (firstSibling() == null) {
					return true;
				}
				else {
					yieldToSibling();
				}
			}
			this.slot.setAccepting(false);
			return false;
		}
		finally {
			this.waiting = null;
		}
	}

	/**
	 * Leave the next connection to a sibling. Returns when no connection waits, none
	 * comes first any more, or the one that does lets a connection wait for too long.
	 */
	private void yieldToSibling() {
		if (this.waitingConnection == null || !this.waitingConnection.test(IDLE_WAIT)) {
			return;
		}
		long start = System.nanoTime();
		long wait = MIN_YIELD_WAIT.toNanos();
		WorkerSlot sibling;
		while (this.state.get() == State.OPEN && (sibling = firstSibling()) != null
				&& this.waitingConnection.test(Duration.ZERO)) {
			if (System.nanoTime() - start > MAX_YIELD.toNanos()) {
				this.distrusted.put(sibling.number(), sibling.heartbeat());
				return;
			}
			LockSupport.parkNanos(wait);
			wait = Math.min(2 * wait, MAX_YIELD_WAIT.toNanos());
		}
	}

	private boolean hasRoom() {
		int busy = this.slot.busy();
		if (this.concurrency == 1) {
			// One at a time also means while a request goes on without a thread
			busy = Math.max(busy, this.suspended.getAsInt());
		}
		return busy < this.concurrency;
	}

	/**
	 * Return a sibling that should have the next connection. Workers that are clearly
	 * busier than the least busy one come last; among the others those with clearly fewer
	 * connections come first.
	 */
	private @Nullable WorkerSlot firstSibling() {
		if (this.waitingConnection == null) {
			return null;
		}
		int leastBusy = this.slot.busy();
		for (WorkerSlot sibling : this.scoreboard.slots()) {
			if (counts(sibling)) {
				leastBusy = Math.min(leastBusy, sibling.busy());
			}
		}
		int busyLimit = leastBusy + Math.min(4 + leastBusy / 4, this.concurrency / 4);
		boolean tooBusy = this.slot.busy() > busyLimit;
		int open = this.slot.openConnections();
		int fewer = open - 1 - open / 32;
		for (WorkerSlot sibling : this.scoreboard.slots()) {
			if (counts(sibling)) {
				boolean siblingTooBusy = sibling.busy() > busyLimit;
				if ((siblingTooBusy == tooBusy) ? sibling.openConnections() < fewer : tooBusy) {
					return sibling;
				}
			}
		}
		return null;
	}

	private boolean counts(WorkerSlot sibling) {
		return sibling != this.slot && sibling.accepting() && sibling.isServing() && isTrusted(sibling);
	}

	private boolean isTrusted(WorkerSlot sibling) {
		return !Long.valueOf(sibling.heartbeat()).equals(this.distrusted.get(sibling.number()));
	}

}
