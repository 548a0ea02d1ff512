package dev.tomcorn.fault;

import dev.tomcorn.Worker;

/**
 * Who served a request.
 *
 * @param worker index of the worker
 * @param pid its process id
 * @param workerClass how it runs requests
 * @param thread name of the thread
 * @param virtual whether the thread is a virtual one
 */
record ServedBy(int worker, long pid, String workerClass, String thread, boolean virtual) {

	static ServedBy currentThreadOf(Worker worker) {
		Thread thread = Thread.currentThread();
		return new ServedBy(worker.index(), ProcessHandle.current().pid(), worker.workerClass(), thread.getName(),
				thread.isVirtual());
	}

}
