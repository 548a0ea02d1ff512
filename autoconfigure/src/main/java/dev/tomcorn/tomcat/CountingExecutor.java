package dev.tomcorn.tomcat;

import java.util.concurrent.Executor;

/**
 * Counts what the worker has to run, from the moment it is handed to the worker class's
 * executor, and keeps that moment for the request that it turns out to be.
 */
final class CountingExecutor implements Executor {

	private final Executor target;

	private final Counts counts;

	private final Gate gate;

	private final Runnable whenEnded = this::ended;

	CountingExecutor(Executor target, Counts counts, Gate gate) {
		this.target = target;
		this.counts = counts;
		this.gate = gate;
	}

	Executor target() {
		return this.target;
	}

	@Override
	public void execute(Runnable task) {
		this.counts.slot().addBusy(1);
		boolean accepted = false;
		try {
			this.target.execute(this.counts.figures().handOver(task, this.whenEnded));
			accepted = true;
		}
		finally {
			if (!accepted) {
				ended();
			}
		}
	}

	private void ended() {
		this.counts.slot().addBusy(-1);
		this.gate.changed();
	}

}
