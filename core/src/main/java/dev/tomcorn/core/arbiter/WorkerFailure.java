package dev.tomcorn.core.arbiter;

import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;

/**
 * A worker that has ended, or is being killed, unexpectedly.
 *
 * @param worker the worker before its end
 * @param death the cause
 */
record WorkerFailure(WorkerHandle worker, Death death) {

	boolean booting() {
		return this.worker.is(Lifecycle.STARTING);
	}

}
