package dev.tomcorn.core.arbiter;

import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;

/**
 * A worker that has ended, or is being ended, without a plan.
 *
 * @param worker the worker as it was
 * @param death the cause
 */
record WorkerFailure(WorkerHandle worker, Death death) {

	boolean booting() {
		return this.worker.is(Lifecycle.STARTING);
	}

}
