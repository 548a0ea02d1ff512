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
 * Decides when a worker may take the next connection: while the gate is open, the worker
 * is below its limit, and no sibling should take it instead. Other connections stay in
 * the kernel's queue.
 * <p>
 * Workers never wait for each other in a circle, so at least one does not wait. A sibling
 * counts only while its heartbeat is recent. A sibling that has left a connection waiting
 * for {@link #MAX_YIELD} does not count until its next heartbeat. A sibling in any state,
 * even frozen, therefore cannot keep the others from accepting.
 */
final class AcceptGate implements Gate {

	/**
	 * Longest time that this worker leaves a waiting connection to a sibling. On a busy
	 * machine a healthy sibling may wait that long for a CPU.
	 */
	private static final Duration MAX_YIELD = Duration.ofMillis(200);

	private static final Duration IDLE_WAIT = Duration.ofMillis(100);

	/**
	 * Longest time between two checks of the new connections.
	 */
	private static final Duration LOOK_INTERVAL = Duration.ofMillis(20);

	private static final Duration MIN_YIELD_WAIT = Duration.ofNanos(50_000);

	private static final Duration MAX_POLL_PAUSE = Duration.ofNanos(250_000);

	/**
	 * After this time without a waiting connection, a worker that yields blocks until one
	 * arrives. The kernel wakes every blocked worker for each connection, which is
	 * expensive while many arrive.
	 */
	private static final Duration QUIET = Duration.ofMillis(5);

	private final Scoreboard scoreboard;

	private final WorkerSlot slot;

	private final @Nullable Predicate<Duration> waitingConnection;

	private final IntSupplier suspended;

	private final int concurrency;

	private final SlowStart slowStart;

	/**
	 * Heartbeats, by slot, of siblings that did not take the connections left to them.
	 */
	private final Map<Integer, Long> distrusted = new HashMap<>();

	private final AtomicReference<State> state;

	private volatile @Nullable Thread waiting;

	/**
	 * The acceptor's thread while it waits for free capacity.
	 */
	private volatile @Nullable Thread waitingForRoom;

	/**
	 * When this worker, while it yielded, last saw a waiting connection. Only the
	 * acceptor's thread uses this field and the next.
	 */
	private long seen;

	/**
	 * Since when a connection has waited at every check, or 0.
	 */
	private long leftSince;

	private volatile long wakeUps;

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
		this(scoreboard, slot, concurrency, waitingConnection, suspended,
				new SlowStart(Duration.ZERO, scoreboard, System::nanoTime));
	}

	/**
	 * Create a gate.
	 * @param scoreboard where the siblings are
	 * @param slot this worker
	 * @param concurrency how many requests this worker runs at once
	 * @param waitingConnection waits, for at most a time, until a connection waits in the
	 * kernel's queue; {@code null} when there are no siblings
	 * @param suspended how many requests go on without a thread
	 * @param slowStart what this worker leaves to others while it is new
	 */
	AcceptGate(Scoreboard scoreboard, WorkerSlot slot, int concurrency, @Nullable Predicate<Duration> waitingConnection,
			IntSupplier suspended, SlowStart slowStart) {
		this.slowStart = slowStart;
		this.scoreboard = scoreboard;
		this.slot = slot;
		this.concurrency = concurrency;
		this.waitingConnection = waitingConnection;
		this.suspended = suspended;
		this.state = new AtomicReference<>((waitingConnection != null) ? State.NOT_READY : State.OPEN);
		this.seen = System.nanoTime() - QUIET.toNanos();
	}

	private enum State {

		NOT_READY, OPEN, LAST_CALL, CLOSED

	}

	void open() {
		this.slowStart.begin();
		if (this.state.compareAndSet(State.NOT_READY, State.OPEN)) {
			wake();
		}
	}

	@Override
	public void lastCall() {
		this.state.updateAndGet((current) -> (current != State.CLOSED) ? State.LAST_CALL : current);
		wake();
	}

	@Override
	public void close() {
		this.state.set(State.CLOSED);
		this.slot.setAccepting(false);
		wake();
	}

	@Override
	public boolean isClosed() {
		return this.state.get() == State.CLOSED;
	}

	private void wake() {
		Thread thread = this.waiting;
		if (thread != null) {
			LockSupport.unpark(thread);
		}
	}

	@Override
	public void taken() {
		this.slowStart.taken();
	}

	/**
	 * {@inheritDoc} Only a worker that was full and no longer is needs the wake-up.
	 */
	@Override
	public void changed() {
		Thread thread = this.waitingForRoom;
		if (thread != null && hasRoom()) {
			LockSupport.unpark(thread);
		}
	}

	/**
	 * Return since when a connection has been left to siblings at every check, or 0.
	 */
	long leftSince() {
		return this.leftSince;
	}

	/**
	 * Return how often the acceptor has waited at the gate.
	 */
	long wakeUps() {
		return this.wakeUps;
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
					this.leftSince = 0;
					awaitRoom();
				}
				else if (firstSibling() == null) {
					this.leftSince = 0;
					// The gate may have closed before the slot was updated
					if (this.state.get() != State.CLOSED) {
						return true;
					}
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

	private void awaitRoom() {
		this.waitingForRoom = Thread.currentThread();
		try {
			// A request that ended before this point sends no wake-up
			if (this.state.get() != State.OPEN || !hasRoom()) {
				this.wakeUps++;
				LockSupport.parkNanos(LOOK_INTERVAL.toNanos());
			}
		}
		finally {
			this.waitingForRoom = null;
		}
	}

	/**
	 * Leave the next connection to a sibling. Returns when no sibling comes first any
	 * more, when the first one leaves a connection waiting for too long, and at regular
	 * intervals.
	 */
	private void yieldToSibling() {
		Predicate<Duration> waits = this.waitingConnection;
		if (waits == null) {
			return;
		}
		long start = System.nanoTime();
		long wait = MIN_YIELD_WAIT.toNanos();
		WorkerSlot sibling;
		while (this.state.get() == State.OPEN && (sibling = firstSibling()) != null) {
			this.wakeUps++;
			boolean quiet = this.leftSince == 0 && System.nanoTime() - this.seen > QUIET.toNanos();
			if (waits.test(quiet ? IDLE_WAIT : Duration.ZERO)) {
				this.seen = System.nanoTime();
				this.leftSince = (this.leftSince != 0) ? this.leftSince : this.seen;
				if (this.seen - this.leftSince > MAX_YIELD.toNanos()) {
					this.distrusted.put(sibling.number(), sibling.heartbeat());
					break;
				}
			}
			else {
				this.leftSince = 0;
			}
			if (System.nanoTime() - start > LOOK_INTERVAL.toNanos()) {
				return;
			}
			LockSupport.parkNanos(wait);
			wait = Math.min(2 * wait, MAX_POLL_PAUSE.toNanos());
		}
		this.leftSince = 0;
	}

	private boolean hasRoom() {
		int busy = this.slot.busy();
		if (this.concurrency == 1) {
			// An asynchronous request also fills a worker that runs one at a time
			busy = Math.max(busy, this.suspended.getAsInt());
		}
		return busy < this.concurrency;
	}

	/**
	 * Return a sibling that should take the next connection. Workers that are clearly
	 * busier than the least busy one come last. Among the others, those with clearly
	 * fewer connections come first.
	 */
	private @Nullable WorkerSlot firstSibling() {
		if (this.waitingConnection == null) {
			return null;
		}
		WorkerSlot elder = this.slowStart.elder(this::counts);
		if (elder != null) {
			this.slot.setAccepting(false);
			return elder;
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
		return this.distrusted.isEmpty()
				|| !Long.valueOf(sibling.heartbeat()).equals(this.distrusted.get(sibling.number()));
	}

}
