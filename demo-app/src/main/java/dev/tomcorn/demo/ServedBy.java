package dev.tomcorn.demo;

import dev.tomcorn.Worker;

/**
 * Who served a request.
 *
 * @param worker the worker's index
 * @param pid its process
 * @param workerClass how it runs requests
 * @param thread the thread that ran this one
 * @param virtual whether that is a virtual thread
 */
record ServedBy(int worker, long pid, String workerClass, String thread, boolean virtual) {

	static ServedBy currentThreadOf(Worker worker) {
		Thread thread = Thread.currentThread();
		return new ServedBy(worker.index(), ProcessHandle.current().pid(), worker.workerClass(), thread.getName(),
				thread.isVirtual());
	}

}
