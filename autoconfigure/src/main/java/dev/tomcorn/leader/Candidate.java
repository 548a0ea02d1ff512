package dev.tomcorn.leader;

import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.worker.WorkerProcess;

/**
 * A worker that may become the leader.
 */
interface Candidate {

	/**
	 * Return whether the worker takes traffic, so that it may lead.
	 */
	boolean isReady();

	/**
	 * Return whether there is no other worker of the fleet, for example while the first
	 * one boots.
	 */
	boolean isOnly();

	/**
	 * Return whether the worker is ending, so that it may no longer lead.
	 */
	boolean isEnding();

	/**
	 * Publish to the fleet whether the worker leads.
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
