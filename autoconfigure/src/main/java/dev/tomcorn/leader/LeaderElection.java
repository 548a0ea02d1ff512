package dev.tomcorn.leader;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import dev.tomcorn.Leadership;
import dev.tomcorn.LeadershipAcquiredEvent;
import dev.tomcorn.LeadershipLostEvent;
import dev.tomcorn.Worker;
import dev.tomcorn.core.scoreboard.FleetLocks;
import dev.tomcorn.worker.WorkerProcess;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * {@link Leadership} by a lock of the kernel. The lock belongs to one process while that
 * process lives, however slow or frozen it is.
 */
final class LeaderElection implements Leadership, AutoCloseable {

	private static final Log logger = LogFactory.getLog(LeaderElection.class);

	/**
	 * How often a follower tries to become the leader. It gets no event when a leader has
	 * ended: the kernel releases the lock of a process that ends.
	 */
	private static final Duration INTERVAL = Duration.ofMillis(100);

	/**
	 * Longest time that the boot of the only worker waits for the leadership.
	 */
	private static final Duration EARLY_LIMIT = Duration.ofSeconds(1);

	private final Candidate candidate;

	private final LeaderLock lock;

	private final boolean alone;

	private final Worker worker;

	private final Consumer<Object> events;

	private Role role = Role.FOLLOWER;

	private int holds;

	/**
	 * Whether something has happened since the last step that may change the leadership.
	 */
	private boolean changed;

	private boolean failing;

	private volatile boolean early;

	private volatile @Nullable Thread thread;

	private volatile boolean closed;

	private enum Role {

		FOLLOWER, LEADER, RESIGNING

	}

	/**
	 * Create the leadership of a worker.
	 * @param candidate the worker as a candidate
	 * @param lock the lock of the leader
	 * @param alone whether the worker leads from the start
	 * @param worker the worker, for the events
	 * @param events publishes events
	 */
	LeaderElection(Candidate candidate, LeaderLock lock, boolean alone, Worker worker, Consumer<Object> events) {
		this.candidate = candidate;
		this.lock = lock;
		this.alone = alone;
		this.worker = worker;
		this.events = events;
	}

	/**
	 * Make a worker a candidate while it takes traffic or is the only one.
	 * @param process the worker
	 * @param worker the worker, for the events
	 * @param events publishes events
	 * @return its leadership
	 */
	static LeaderElection start(WorkerProcess process, Worker worker, Consumer<Object> events) {
		FleetLocks locks = process.locks();
		LeaderElection election = new LeaderElection(Candidate.of(process),
				(locks != null) ? LeaderLock.of(locks) : LeaderLock.alone(), locks == null, worker, events);
		if (locks != null) {
			process.whenEnding(election::changed);
			election.thread = Thread.ofPlatform().daemon().name("tomcorn-leader").start(election::run);
		}
		return election;
	}

	/**
	 * The application's context has started, and its runners have not been called. The
	 * only worker of a fleet leads from now on, because an application under plain Boot
	 * begins its background work now.
	 */
	void applicationStarted() {
		if (this.thread != null && this.candidate.isOnly()) {
			this.early = true;
			changed();
			awaitLeadership();
		}
	}

	private synchronized void awaitLeadership() {
		long deadline = System.nanoTime() + EARLY_LIMIT.toNanos();
		long left;
		while (this.role == Role.FOLLOWER && (left = deadline - System.nanoTime()) > 0) {
			try {
				TimeUnit.NANOSECONDS.timedWait(this, left);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return;
			}
		}
	}

	/**
	 * The worker has begun to take traffic or to drain. Without siblings, only this
	 * changes its leadership, and no thread is needed.
	 */
	void workerChanged() {
		if (this.alone) {
			synchronized (this.lock) {
				step();
			}
		}
	}

	private void run() {
		while (!this.closed) {
			step();
			awaitChange();
		}
	}

	/**
	 * Record that something has happened that may change the leadership.
	 */
	private synchronized void changed() {
		this.changed = true;
		notifyAll();
	}

	/**
	 * Wait until the next step is due. While this worker leads, or its work as the leader
	 * still runs, only a call of {@link #changed} makes a step necessary.
	 */
	private synchronized void awaitChange() {
		boolean told = this.role == Role.LEADER || this.holds > 0;
		try {
			if (!told && !this.changed && !this.closed) {
				TimeUnit.NANOSECONDS.timedWait(this, INTERVAL.toNanos());
			}
			while (told && !this.changed && !this.closed) {
				wait();
			}
		}
		catch (InterruptedException ex) {
			// Not meant for this thread: the next step comes a little earlier
		}
		this.changed = false;
	}

	/**
	 * Update the leadership. Called by one thread.
	 */
	void step() {
		try {
			switch (role()) {
				case FOLLOWER -> stand();
				case LEADER -> {
					if (this.candidate.isEnding()) {
						resign();
					}
				}
				case RESIGNING -> releaseWhenDone();
			}
			this.failing = false;
		}
		catch (IOException ex) {
			if (!this.failing) {
				logger.warn("This worker cannot become the leader", ex);
			}
			this.failing = true;
		}
	}

	private synchronized Role role() {
		return this.role;
	}

	private synchronized void become(Role newRole) {
		this.role = newRole;
		notifyAll();
	}

	private void stand() throws IOException {
		if ((this.candidate.isReady() || (this.early && this.candidate.isOnly())) && !this.candidate.isEnding()
				&& this.lock.tryAcquire()) {
			become(Role.LEADER);
			this.candidate.publish(true);
			if (!this.alone) {
				logger.debug("Worker %d leads".formatted(this.worker.index()));
			}
			tell(new LeadershipAcquiredEvent(this.worker));
		}
	}

	private void resign() throws IOException {
		become(Role.RESIGNING);
		this.candidate.publish(false);
		tell(new LeadershipLostEvent(this.worker));
		releaseWhenDone();
	}

	private void releaseWhenDone() throws IOException {
		synchronized (this) {
			if (this.holds > 0) {
				return;
			}
		}
		this.lock.release();
		become(Role.FOLLOWER);
	}

	private void tell(Object event) {
		try {
			this.events.accept(event);
		}
		catch (RuntimeException | Error ex) {
			// Errors too: without this thread the worker would lead until its end
			logger.error("A listener has failed at " + event, ex);
		}
		finally {
			// A remaining interrupt of a listener would close the file of all locks
			Thread.interrupted();
		}
	}

	@Override
	public boolean isLeader() {
		return (this.alone || role() == Role.LEADER) && !this.candidate.isEnding();
	}

	@Override
	public synchronized @Nullable Hold hold() {
		if (!isLeader()) {
			return null;
		}
		this.holds++;
		AtomicBoolean open = new AtomicBoolean(true);
		return () -> {
			if (open.compareAndSet(true, false)) {
				release();
			}
		};
	}

	private synchronized void release() {
		this.holds--;
		if (this.role == Role.RESIGNING) {
			changed();
		}
	}

	/**
	 * Stop being a candidate. If the worker has the lock, it keeps it for work that may
	 * still run; the lock ends with the process.
	 */
	@Override
	public void close() {
		this.closed = true;
		changed();
	}

}
