package dev.tomcorn.tomcat;

import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import dev.tomcorn.core.scoreboard.WorkerSlot;

/**
 * The connections that this worker has taken and that have sent nothing yet. A new
 * connection should send its request at once, and counts as busy until then. All of them
 * together count for a share of the worker's time only. A connection that stays silent is
 * left to the poller and no longer counts. The number of silent connections is limited,
 * and the oldest are closed first.
 */
final class NewConnections {

	/**
	 * Longest time that one connection counts as busy.
	 */
	static final Duration EXPECT_REQUEST = Duration.ofMillis(250);

	/**
	 * Time that the first bytes of any client may take without being charged.
	 */
	private static final Duration PROMPT = Duration.ofMillis(1);

	/**
	 * A worker may spend one part in this many of its capacity on waiting for first
	 * bytes.
	 */
	private static final int SHARE = 10;

	/**
	 * Waiting time that each unit of concurrency can save up while no client is late.
	 */
	private static final Duration SAVINGS = Duration.ofMillis(500);

	/**
	 * Minimum number of silent connections that a worker keeps before it closes the
	 * oldest.
	 */
	static final int MAX_SILENT = 100;

	/**
	 * A connection that has been silent for less than this is not closed because there
	 * are too many, nor in a drain: its request may be on its way.
	 */
	static final Duration YOUNG = Duration.ofSeconds(2);

	private final WorkerSlot slot;

	private final int concurrency;

	private final Predicate<SocketChannel> hasArrived;

	private final Predicate<SocketChannel> close;

	private final LongSupplier nanoTime;

	/**
	 * Connections that count as busy, with the time they were taken.
	 */
	private final Map<SocketChannel, Long> expected = new ConcurrentHashMap<>();

	/**
	 * Connections that no longer count, with the time they were taken.
	 */
	private final Map<SocketChannel, Long> silent = new ConcurrentHashMap<>();

	/**
	 * The silent connections, oldest first, and some that are no longer silent. Only the
	 * acceptor's thread uses this field and the allowance.
	 */
	private final Queue<SocketChannel> oldestFirst = new ArrayDeque<>();

	private long allowance;

	private long allowanceAt;

	/**
	 * Waiting time charged since the last check.
	 */
	private final AtomicLong spent = new AtomicLong();

	/**
	 * Create the new connections of a worker.
	 * @param slot counts the connections that should send a request
	 * @param concurrency how many requests the worker runs at once
	 * @param hasArrived whether bytes of a connection wait to be read
	 * @param close closes a connection unless bytes have arrived meanwhile, and returns
	 * whether it is closed
	 * @param nanoTime the clock
	 */
	NewConnections(WorkerSlot slot, int concurrency, Predicate<SocketChannel> hasArrived,
			Predicate<SocketChannel> close, LongSupplier nanoTime) {
		this.slot = slot;
		this.concurrency = concurrency;
		this.hasArrived = hasArrived;
		this.close = close;
		this.nanoTime = nanoTime;
		this.allowance = savings();
		this.allowanceAt = nanoTime.getAsLong();
	}

	private long savings() {
		return this.concurrency * SAVINGS.toNanos();
	}

	/**
	 * The acceptor has taken a connection. Called before any other thread uses it.
	 */
	void taken(SocketChannel connection) {
		this.expected.put(connection, this.nanoTime.getAsLong());
		this.slot.addBusy(1);
	}

	boolean isEmpty() {
		return this.expected.isEmpty() && this.silent.isEmpty();
	}

	/**
	 * A connection has sent something, or has ended. Its request must already count as
	 * busy itself. Any thread calls this, perhaps more than once.
	 * @return whether it counted as busy until now
	 */
	boolean arrived(SocketChannel connection) {
		Long since = this.expected.remove(connection);
		if (since == null) {
			this.silent.remove(connection);
			return false;
		}
		charge(this.nanoTime.getAsLong() - since);
		this.slot.addBusy(-1);
		return true;
	}

	private void charge(long waited) {
		long late = Math.min(waited, EXPECT_REQUEST.toNanos()) - PROMPT.toNanos();
		if (late > 0) {
			this.spent.addAndGet(late);
		}
	}

	/**
	 * Check the connections. Those whose time is over no longer count, and the oldest are
	 * closed if there are too many. Called by the acceptor's thread.
	 */
	void expire() {
		if (!this.expected.isEmpty()) {
			leaveSilent();
		}
		int tooMany = this.silent.size() - Math.max(MAX_SILENT, this.concurrency);
		if (tooMany > 0) {
			closeOldest(tooMany, this.nanoTime.getAsLong() - YOUNG.toNanos());
		}
	}

	private void leaveSilent() {
		long now = this.nanoTime.getAsLong();
		long elapsed = Math.min(now - this.allowanceAt, 2 * SHARE * SAVINGS.toNanos());
		long earned = elapsed / SHARE * this.concurrency;
		this.allowance = Math.clamp(this.allowance + earned - this.spent.getAndSet(0), -savings(), savings());
		this.allowanceAt = now;
		long patience = Math.clamp(this.allowance / Math.max(1, this.expected.size()), 0, EXPECT_REQUEST.toNanos());
		this.expected.forEach((connection, since) -> {
			if (!connection.isOpen()) {
				arrived(connection);
			}
			else if (now - since >= patience && !this.hasArrived.test(connection)) {
				leave(connection, since);
			}
		});
	}

	/**
	 * The connection is added to the silent ones first: as soon as it is no longer
	 * expected, {@link #arrived} looks for it there.
	 */
	private void leave(SocketChannel connection, long since) {
		this.silent.put(connection, since);
		if (arrived(connection)) {
			if (this.oldestFirst.size() > 2 * (this.silent.size() + MAX_SILENT)) {
				this.oldestFirst.removeIf((former) -> !this.silent.containsKey(former));
			}
			this.oldestFirst.add(connection);
		}
		else {
			this.silent.remove(connection);
		}
	}

	/**
	 * Close the oldest silent connection to free capacity. Called by the acceptor's
	 * thread.
	 * @return whether one was closed
	 */
	boolean closeOldest() {
		expire();
		return closeOldest(1, this.nanoTime.getAsLong()) > 0;
	}

	private int closeOldest(int number, long limit) {
		int closed = 0;
		SocketChannel oldest;
		while (closed < number && (oldest = this.oldestFirst.peek()) != null) {
			Long since = this.silent.get(oldest);
			if (since != null && oldest.isOpen()) {
				if (since - limit > 0) {
					break;
				}
				closed += this.close.test(oldest) ? 1 : 0;
			}
			this.silent.remove(oldest);
			this.oldestFirst.remove();
		}
		return closed;
	}

}
