package dev.tomcorn.worker;

/**
 * The worker that runs this application, for application code that wants to know.
 */
public final class Worker {

	private final WorkerProcess process;

	private final String workerClass;

	/**
	 * Create the description of a worker.
	 * @param process the worker's process
	 * @param workerClass name of the worker class
	 */
	public Worker(WorkerProcess process, String workerClass) {
		this.process = process;
		this.workerClass = workerClass;
	}

	/**
	 * Return the worker's place in the fleet. A replacement has the index of the worker
	 * it replaces.
	 * @return the index, from 0; always 0 when solo
	 */
	public int index() {
		return this.process.slot().index();
	}

	/**
	 * Return how the worker runs requests.
	 * @return {@code sync}, {@code gthread}, {@code gevent} or the name of a custom class
	 */
	public String workerClass() {
		return this.workerClass;
	}

	/**
	 * Return whether an arbiter supervises the worker.
	 * @return whether the worker is supervised, rather than solo
	 */
	public boolean supervised() {
		return this.process.isSupervised();
	}

}
