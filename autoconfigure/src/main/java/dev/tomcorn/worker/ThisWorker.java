package dev.tomcorn.worker;

import java.time.Duration;

import dev.tomcorn.Worker;
import dev.tomcorn.request.RequestInFlight;
import dev.tomcorn.request.RequestsInFlight;

/**
 * {@link Worker} for this process.
 */
final class ThisWorker implements Worker {

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
	ThisWorker(WorkerProcess process, String workerClass, RequestsInFlight requests) {
		this.process = process;
		this.workerClass = workerClass;
		this.requests = requests;
	}

	@Override
	public int index() {
		return this.process.slot().index();
	}

	@Override
	public String workerClass() {
		return this.workerClass;
	}

	@Override
	public boolean supervised() {
		return this.process.isSupervised();
	}

	@Override
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
