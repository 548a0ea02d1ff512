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

	/**
	 * Longest time without a look at the new connections.
	 */
	private static final Duration LOOK_INTERVAL = Duration.ofMillis(20);

	private static final Duration MIN_YIELD_WAIT = Duration.ofNanos(50_000);

	private static final Duration MAX_YIELD_WAIT = Duration.ofNanos(250_000);

	/**
	 * After so long without a waiting connection, a worker that yields waits for one. The
	 * kernel wakes all who do so at each connection, which costs most while many come.
	 */
	private static final Duration QUIET = Duration.ofMillis(5);

	private final Scoreboard scoreboard;

	private final WorkerSlot slot;

	private final @Nullable Predicate<Duration> waitingConnection;

	private final IntSupplier suspended;

	private final int concurrency;

	private final SlowStart slowStart;

	/**
	 * Heartbeats, by slot, of siblings that did not take what was left to them.
	 */
	private final Map<Integer, Long> distrusted = new HashMap<>();

	private final AtomicReference<State> state;

	private volatile @Nullable Thread waiting;

	/**
	 * The acceptor's thread while it waits for room.
	 */
	private volatile @Nullable Thread waitingForRoom;

	/**
	 * When a connection was last seen to wait while this worker yielded. For the
	 * acceptor's thread only, as the next two.
	 */
	private long seen;

	/**
	 * Since when one has waited at every look, or 0.
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
	 * {@inheritDoc} Only a worker that was full, and is no longer, has to know.
	 */
	@Override
	public void changed() {
		Thread thread = this.waitingForRoom;
		if (thread != null && hasRoom()) {
			LockSupport.unpark(thread);
		}
	}

	/**
	 * Return since when a connection has been left to siblings at every look, or 0.
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
					// It may have closed before this worker was shown to accept
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
			// Room that was made before is not told of
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
	 * Leave the next connection to a sibling. Returns when none comes first any more, or
	 * the one that does lets a connection wait for too long, and from time to time.
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
			wait = Math.min(2 * wait, MAX_YIELD_WAIT.toNanos());
		}
		this.leftSince = 0;
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
