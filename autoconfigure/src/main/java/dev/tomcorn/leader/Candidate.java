package dev.tomcorn.leader;

import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.worker.WorkerProcess;

/**
 * A worker, as far as its leadership is concerned.
 */
interface Candidate {

	/**
	 * Return whether the worker takes traffic, so that it may lead.
	 */
	boolean isReady();

	/**
	 * Return whether there is no other worker of the fleet, as while the first one boots.
	 */
	boolean isOnly();

	/**
	 * Return whether the worker is on its way to its end, so that it may lead no more.
	 */
	boolean isEnding();

	/**
	 * Tell the fleet whether the worker leads.
	 */
	void publish(boolean leader);

	static Candidate of(WorkerProcess process) {
		return new Candidate() {

			@Override
			public boolean isReady() {
				return process.slot().state() == WorkerState.READY;
			}

			@Override
			public boolean isOnly() {
				return !process.isServedElsewhere() && process.scoreboard().isOnly(process.slot());
			}

			@Override
			public boolean isEnding() {
				return process.isEnding();
			}

			@Override
			public void publish(boolean leader) {
				process.slot().setLeader(leader);
			}

		};
	}

}
