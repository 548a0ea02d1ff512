package dev.tomcorn.core.arbiter;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * What the arbiter can do to its workers. No method may wait for a worker.
 */
public interface Fleet {

	/**
	 * Start a worker's process. Its exit is submitted to the arbiter as an event.
	 * @param placement where it stands
	 * @return its process id
	 * @throws IOException if the process cannot be started
	 */
	long spawn(Placement placement) throws IOException;

	/**
	 * Ask a worker to drain and end.
	 * @param age the worker
	 * @param gracefulTimeout how long it may wait for requests in flight
	 */
	void stop(long age, Duration gracefulTimeout);

	/**
	 * End a worker's process at once.
	 * @param age the worker
	 */
	void kill(long age);

	/**
	 * Forget a worker whose exit was reaped.
	 * @param age the worker
	 */
	void release(long age);

	/**
	 * Show every worker how many there are to be.
	 * @param generation the current generation
	 * @param targetWorkers number of workers there are to be
	 */
	void publish(int generation, int targetWorkers);

	/**
	 * Read the last heartbeat of each worker.
	 * @return heartbeats by age; only changes have a meaning
	 */
	Map<Long, Long> heartbeats();

}
