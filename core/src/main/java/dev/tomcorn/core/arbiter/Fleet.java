package dev.tomcorn.core.arbiter;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * The workers as the arbiter controls them. No method may wait for a worker.
 */
public interface Fleet {

	/**
	 * Find and prepare the release of a generation. {@link Event.Prepared} follows.
	 * @param generation the generation
	 * @param since when the arbiter requested it
	 * @param wanted first digits of the key of a kept release, or empty for the files on
	 * disk now
	 */
	void prepare(int generation, long since, String wanted);

	/**
	 * Start the workers of a generation from a release from now on.
	 * @param generation the generation
	 * @param release the release
	 */
	void adopt(int generation, ApplicationRelease release);

	/**
	 * Start a worker's process. Its exit is submitted to the arbiter as an event.
	 * @param placement its placement
	 * @return its process id
	 * @throws IOException if the process cannot be started
	 */
	long spawn(Placement placement) throws IOException;

	/**
	 * Let a booted worker take traffic.
	 * @param age the worker
	 */
	void serve(long age);

	/**
	 * Ask a worker to drain and end.
	 * @param age the worker
	 * @param gracefulTimeout how long it may wait for requests in flight
	 */
	void stop(long age, Duration gracefulTimeout);

	/**
	 * Record the diagnostics of a worker. {@link Event.Recorded} follows.
	 * @param age the worker
	 * @param cause what is wrong with it
	 * @param alive whether the worker still runs
	 */
	void record(long age, Death cause, boolean alive);

	/**
	 * Record the diagnostics of a worker that goes on. {@link Event.Dumped} follows.
	 * @param age the worker
	 * @param reason the reason, which is also part of the folder's name
	 */
	void dump(long age, String reason);

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
	 * Describe what a worker does.
	 * @param age the worker
	 * @return a line for the log
	 */
	String describe(long age);

	/**
	 * Publish the target number of workers to all workers, and use the settings for
	 * workers spawned from now on.
	 * @param generation the current generation
	 * @param settings its settings
	 * @param targetWorkers the target number
	 */
	void publish(int generation, ArbiterSettings settings, int targetWorkers);

	/**
	 * Publish the state of the fleet to all workers.
	 * @param report the report, with times in milliseconds of the epoch
	 */
	void post(FleetReport report);

	/**
	 * Answer a requested operation.
	 * @param requester the client, which may be gone
	 * @param answer the answer
	 */
	void reply(Requester requester, Answer answer);

	/**
	 * Read the last heartbeat of each worker.
	 * @return heartbeats by age
	 */
	Map<Long, Event.Heartbeat> heartbeats();

	/**
	 * Read how many connections wait to be served before the listener closes.
	 * @return the number
	 */
	int queued();

	/**
	 * Accept no further clients into the listener's queue.
	 */
	void refuseConnections();

	/**
	 * Close the listener.
	 */
	void closeListener();

	/**
	 * Leave the listener and its files, such as that of a Unix domain socket, to the
	 * arbiter that replaces this one.
	 */
	void leaveListener();

	/**
	 * Start the arbiter that is to replace this one. {@link Event.SuccessorReady} or
	 * {@link Event.ReplacementFailed} follows.
	 */
	void spawnReplacement();

	/**
	 * End the arbiter that was to replace this one.
	 */
	void stopReplacement();

	/**
	 * Notify the arbiter that this one replaces: all workers are ready.
	 */
	void takeOver();

}
