package dev.tomcorn.tomcat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import dev.tomcorn.core.listener.ReceivedListener;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;

/**
 * Decides whether a worker takes connections of the management port: while it serves, or
 * while no worker serves. When that changes, a worker that waits for a connection stops
 * waiting.
 */
final class ManagementGate implements Gate {

	private static final Log log = LogFactory.getLog(ManagementGate.class);

	private static final Duration INTERVAL = Duration.ofMillis(100);

	private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

	private final Scoreboard scoreboard;

	private final WorkerSlot worker;

	private final ReceivedListener listener;

	private final BooleanSupplier servedElsewhere;

	private final AtomicBoolean watched = new AtomicBoolean();

	private volatile boolean closed;

	/**
	 * Create a gate.
	 * @param scoreboard where the siblings are
	 * @param worker this worker
	 * @param listener the socket of the management port
	 * @param servedElsewhere whether the workers of another arbiter serve
	 */
	ManagementGate(Scoreboard scoreboard, WorkerSlot worker, ReceivedListener listener,
			BooleanSupplier servedElsewhere) {
		this.scoreboard = scoreboard;
		this.worker = worker;
		this.listener = listener;
		this.servedElsewhere = servedElsewhere;
	}

	/**
	 * Update the gate regularly until this worker serves or the gate is closed. While the
	 * worker serves, it may take connections whatever the others do.
	 */
	void watch() {
		if (!isWatchNeeded() || !this.watched.compareAndSet(false, true)) {
			return;
		}
		try {
			Thread.ofPlatform().daemon().name("tomcorn-management-gate").start(this::run);
		}
		catch (OutOfMemoryError ex) {
			// No further thread can start: the port stays with this worker until its end
			this.watched.set(false);
			log.warn("Cannot leave the management port to other workers", ex);
		}
	}

	private void run() {
		try {
			while (isWatchNeeded()) {
				update();
				LockSupport.parkNanos(INTERVAL.toNanos());
			}
		}
		finally {
			this.watched.set(false);
		}
		// It may have begun to drain since
		watch();
	}

	private boolean isWatchNeeded() {
		return !this.closed && this.worker.state() != WorkerState.READY;
	}

	/**
	 * Stop listening if other workers should take the connections.
	 */
	void update() {
		if (!isTurn()) {
			try {
				this.listener.pause();
			}
			catch (IOException ex) {
				log.warn("Cannot leave the management port to other workers", ex);
			}
		}
	}

	private boolean isTurn() {
		return this.worker.state() == WorkerState.READY
				|| (this.scoreboard.slots().stream().noneMatch(WorkerSlot::isServing)
						&& !this.servedElsewhere.getAsBoolean());
	}

	@Override
	public boolean awaitTurn(Runnable beforeLook) {
		while (!this.closed) {
			beforeLook.run();
			if (isTurn() && resume()) {
				return true;
			}
			LockSupport.parkNanos(INTERVAL.toNanos());
		}
		return false;
	}

	private boolean resume() {
		try {
			this.listener.resume();
			return true;
		}
		catch (IOException ex) {
			log.error("Cannot serve the management port", ex);
			LockSupport.parkNanos(PAUSE_AFTER_FAILURE.toNanos());
			return false;
		}
	}

	@Override
	public void taken() {
	}

	@Override
	public void lastCall() {
	}

	@Override
	public void close() {
		this.closed = true;
	}

	@Override
	public boolean isClosed() {
		return this.closed;
	}

	@Override
	public void changed() {
	}

}
