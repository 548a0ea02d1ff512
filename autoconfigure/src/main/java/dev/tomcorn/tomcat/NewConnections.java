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
 * The connections that were taken and have sent nothing yet. A new one is expected to
 * send its request at once, and counts as busy until then. All of them together count so
 * for a share of the worker's time only: what stays silent is left to the poller, which
 * costs no place. Of those that are silent for long only so many are held, the latest.
 */
final class NewConnections {

	/**
	 * Longest time that one connection counts as busy.
	 */
	static final Duration EXPECT_REQUEST = Duration.ofMillis(250);

	/**
	 * What the first bytes of any client may take. It is not charged.
	 */
	private static final Duration PROMPT = Duration.ofMillis(1);

	/**
	 * The share of its places that a worker may spend on waiting for first bytes: one in
	 * so many.
	 */
	private static final int SHARE = 10;

	/**
	 * What each place may spend at once after a time without late clients.
	 */
	private static final Duration SAVINGS = Duration.ofMillis(500);

	/**
	 * How many silent connections are held, at least, before the oldest is closed.
	 */
	static final int MAX_SILENT = 100;

	/**
	 * A connection that has been silent for less than this is not closed for being one of
	 * many, as in a drain: its request may be on its way.
	 */
	static final Duration YOUNG = Duration.ofSeconds(2);

	private final WorkerSlot slot;

	private final int concurrency;

	private final Predicate<SocketChannel> hasArrived;

	private final Predicate<SocketChannel> close;

	private final LongSupplier nanoTime;

	/**
	 * When those were taken that count as busy.
	 */
	private final Map<SocketChannel, Long> expected = new ConcurrentHashMap<>();

	/**
	 * When those were taken that no longer count.
	 */
	private final Map<SocketChannel, Long> silent = new ConcurrentHashMap<>();

	/**
	 * The silent ones, the oldest first, and some that are silent no longer. For the
	 * acceptor's thread only, as the allowance.
	 */
	private final Queue<SocketChannel> oldestFirst = new ArrayDeque<>();

	private long allowance;

	private long allowanceAt;

	/**
	 * What those have spent that have come since the last look.
	 */
	private final AtomicLong spent = new AtomicLong();

	/**
	 * Create the new connections of a worker.
	 * @param slot where those count that are expected to send something
	 * @param concurrency how many requests the worker runs at once
	 * @param hasArrived whether bytes of a connection wait to be read
	 * @param close closes a connection unless something has come meanwhile, and tells
	 * whether it is closed
	 * @param nanoTime tells the time
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
	 * A connection was taken. Called before anybody else knows of it.
	 */
	void taken(SocketChannel connection) {
		this.expected.put(connection, this.nanoTime.getAsLong());
		this.slot.addBusy(1);
	}

	boolean isEmpty() {
		return this.expected.isEmpty() && this.silent.isEmpty();
	}

	/**
	 * A connection has sent something, or has ended. What is to be run of it must count
	 * by itself before. Called by any thread, more than once perhaps.
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
	 * Look through the connections: those that have had their time no longer count, and
	 * the oldest are closed if there are too many. Called by the acceptor's thread.
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
	 * Once a connection is no longer expected its first bytes only find it among the
	 * silent ones.
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
	 * Close the oldest silent connection to make room for others. Called by the
	 * acceptor's thread.
	 * @return whether there was one
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
