package dev.tomcorn.tomcat;

import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/**
 * Counts the tasks of a worker from the moment the worker class's executor gets them, and
 * records that moment for the request in the task.
 * <p>
 * If the acceptor serves as well, it and the executor's thread take turns, so one task
 * runs at a time.
 */
final class CountingExecutor implements Executor {

	private final Executor target;

	private final Counts counts;

	private final Gate gate;

	private final Runnable whenEnded = this::ended;

	private final @Nullable Lock turn;

	/**
	 * Create an executor.
	 * @param target runs the tasks
	 * @param counts where to count them
	 * @param gate gets a call when a task ends
	 * @param takesTurns whether the acceptor runs tasks as well, one at a time
	 */
	CountingExecutor(Executor target, Counts counts, Gate gate, boolean takesTurns) {
		this.target = target;
		this.counts = counts;
		this.gate = gate;
		this.turn = takesTurns ? new ReentrantLock() : null;
	}

	Executor target() {
		return this.target;
	}

	@Override
	public void execute(Runnable task) {
		this.counts.slot().addBusy(1);
		boolean accepted = false;
		try {
			this.target.execute(this.counts.figures().queued(inTurn(task), this.whenEnded));
			accepted = true;
		}
		finally {
			if (!accepted) {
				ended();
			}
		}
	}

	/**
	 * The turn ends before the task counts as ended, so the acceptor can take the next
	 * turn.
	 */
	private Runnable inTurn(Runnable task) {
		Lock lock = this.turn;
		if (lock == null) {
			return task;
		}
		return () -> {
			lock.lock();
			try {
				task.run();
			}
			finally {
				lock.unlock();
			}
		};
	}

	/**
	 * Return whether the acceptor may run tasks as well.
	 */
	boolean takesTurns() {
		return this.turn != null;
	}

	/**
	 * Run a task on the calling thread unless another one runs.
	 * @param task the task
	 * @return whether it was run
	 */
	boolean tryRun(Runnable task) {
		Lock lock = this.turn;
		if (lock == null || !lock.tryLock()) {
			return false;
		}
		this.counts.slot().addBusy(1);
		try {
			task.run();
		}
		finally {
			lock.unlock();
			ended();
		}
		return true;
	}

	private void ended() {
		this.counts.slot().addBusy(-1);
		this.gate.changed();
	}

}
