package dev.tomcorn.core.arbiter;

import dev.tomcorn.core.arbiter.WorkerHandle.State;

/**
 * A worker has left its place unasked.
 *
 * @param worker the worker as it was
 * @param death what it has died of, or dies of
 */
record Loss(WorkerHandle worker, Death death) {

	boolean booting() {
		return this.worker.is(State.STARTING);
	}

}
