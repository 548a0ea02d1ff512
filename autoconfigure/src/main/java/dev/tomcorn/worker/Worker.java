package dev.tomcorn.worker;

import java.time.Duration;

/**
 * The worker that runs this application, for application code that wants to know.
 */
public final class Worker {

	private static final Duration LONGEST = Duration.ofDays(365);

	private final WorkerProcess process;

	private final String workerClass;

	private final RequestsInFlight requests;

	/**
	 * Create the description of a worker.
	 * @param process the worker's process
	 * @param workerClass name of the worker class
	 * @param requests the worker's requests
	 */
	Worker(WorkerProcess process, String workerClass, RequestsInFlight requests) {
		this.process = process;
		this.workerClass = workerClass;
		this.requests = requests;
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

	/**
	 * Give the request that runs on the calling thread more time. From now on it may take
	 * at least as long as given, whatever {@code tomcorn.request-timeout} and its
	 * overrides say; this never takes time away. May be called again and again. A request
	 * of the warm-up has no limit of its own, and nothing happens.
	 * @param more time from now, 0 or more; a year counts for what is longer
	 * @throws IllegalStateException if the calling thread runs no request, such as one
	 * that the application has started itself, or if the request's time has passed
	 * already
	 * @throws IllegalArgumentException if the time is negative
	 */
	public void extendRequest(Duration more) {
		if (more.isNegative()) {
			throw new IllegalArgumentException("A request cannot be given a negative time: " + more);
		}
		if (RequestsInFlight.isWithoutLimit()) {
			return;
		}
		RequestInFlight request = this.requests.on(Thread.currentThread());
		if (request == null) {
			throw new IllegalStateException("This thread runs no request: " + Thread.currentThread().getName());
		}
		Duration given = (more.compareTo(LONGEST) > 0) ? LONGEST : more;
		if (!request.extend(given.toNanos())) {
			throw new IllegalStateException("The time of this request has passed already");
		}
	}

}
