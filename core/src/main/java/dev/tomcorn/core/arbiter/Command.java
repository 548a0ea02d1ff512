package dev.tomcorn.core.arbiter;

import java.time.Duration;

/**
 * A command of the state machine to the arbiter.
 */
public sealed interface Command {

	/**
	 * A command that the fleet carries out.
	 */
	sealed interface OfFleet extends Command {

	}

	/**
	 * A command that a worker carries out. The message to the worker has it without its
	 * age: the worker knows its own, and receives the command with the age 0.
	 */
	sealed interface ToWorker extends OfFleet {

		/**
		 * Return the worker.
		 * @return the worker's age
		 */
		long age();

	}

	/**
	 * Find and prepare the release of a generation. {@link Event.Prepared} follows.
	 *
	 * @param generation the generation
	 * @param since when the arbiter requested it
	 * @param wanted first digits of the key of a kept release, or empty for the files on
	 * disk now
	 */
	record Prepare(int generation, long since, String wanted) implements OfFleet {
	}

	/**
	 * Start the workers of a generation from a release from now on.
	 */
	record Adopt(int generation, ApplicationRelease release) implements OfFleet {
	}

	/**
	 * Start a worker's process. {@link Event.Spawned} or {@link Event.SpawnFailed}
	 * follows.
	 */
	record Spawn(Placement placement) implements Command {
	}

	/**
	 * Let a booted worker take traffic.
	 */
	record Serve(long age) implements ToWorker {
	}

	/**
	 * Ask a worker to drain and end.
	 *
	 * @param age the worker
	 * @param gracefulTimeout how long it may wait for requests in flight
	 */
	record Stop(long age, Duration gracefulTimeout) implements ToWorker {
	}

	/**
	 * Record the diagnostics of a worker that will be killed or has died.
	 * {@link Event.Recorded} follows.
	 *
	 * @param age the worker
	 * @param cause what is wrong with it
	 * @param alive whether the worker still runs
	 */
	record Record(long age, Death cause, boolean alive) implements OfFleet {
	}

	/**
	 * Record the diagnostics of a worker that goes on. {@link Event.Dumped} follows.
	 *
	 * @param reason the reason, which is also part of the folder's name
	 */
	record Dump(long age, String reason) implements OfFleet {
	}

	/**
	 * End a worker's process at once.
	 */
	record Kill(long age) implements OfFleet {
	}

	/**
	 * Forget a worker: its exit was reaped.
	 */
	record Release(long age) implements OfFleet {
	}

	/**
	 * Log a message.
	 */
	record Announce(Level level, String message) implements Command {
	}

	/**
	 * Log what a worker does, according to its slot.
	 *
	 * @param age the worker
	 * @param label the worker's name in the log
	 */
	record Describe(long age, String label) implements Command {
	}

	/**
	 * Publish the target number of workers to all workers, and use the settings for
	 * workers spawned from now on.
	 */
	record Publish(int generation, ArbiterSettings settings, int targetWorkers) implements OfFleet {
	}

	/**
	 * Publish the state of the fleet to all workers.
	 */
	record Post(FleetReport report) implements OfFleet {
	}

	/**
	 * Answer a requested operation. The client may be gone.
	 */
	record Reply(Requester requester, Answer answer) implements OfFleet {
	}

	/**
	 * Notify the service manager that the arbiter refuses a reload.
	 */
	record RefuseReload(String reason) implements Command {
	}

	/**
	 * Notify the listeners.
	 */
	record Notify(FleetEvent event) implements Command {
	}

	/**
	 * Accept no further clients into the listener's queue.
	 */
	record RefuseConnections() implements OfFleet {
	}

	/**
	 * Close the listener.
	 */
	record CloseListener() implements OfFleet {
	}

	/**
	 * Leave the listener and its files, such as that of a Unix domain socket, to the
	 * arbiter that replaces this one.
	 */
	record LeaveListener() implements OfFleet {
	}

	/**
	 * Start the arbiter that is to replace this one. {@link Event.SuccessorReady} or
	 * {@link Event.ReplacementFailed} follows.
	 */
	record SpawnReplacement() implements OfFleet {
	}

	/**
	 * End the arbiter that was to replace this one.
	 */
	record StopReplacement() implements OfFleet {
	}

	/**
	 * Notify the arbiter that this one replaces: all workers are ready.
	 */
	record TakeOver() implements OfFleet {
	}

	/**
	 * End the arbiter.
	 */
	record Halt(int exitCode) implements Command {
	}

	/**
	 * Severity of an announcement.
	 */
	enum Level {

		INFO, WARN, ERROR

	}

}
