package dev.tomcorn.tomcat;

import java.util.concurrent.Executor;

import dev.tomcorn.core.scoreboard.WorkerSlot;

/**
 * Counts what the worker has to run, from the moment it is handed to the worker class's
 * executor.
 */
record CountingExecutor(Executor target, WorkerSlot slot, Gate gate) implements Executor {

	@Override
	public void execute(Runnable task) {
		this.slot.addBusy(1);
		boolean accepted = false;
		try {
			this.target.execute(() -> run(task));
			accepted = true;
		}
		finally {
			if (!accepted) {
				ended();
			}
		}
	}

	private void run(Runnable task) {
		try {
			task.run();
		}
		finally {
			ended();
		}
	}

	private void ended() {
		this.slot.addBusy(-1);
		this.gate.changed();
	}

}
