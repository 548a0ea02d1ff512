package dev.tomcorn.core.arbiter;

import java.time.Duration;

/**
 * A command of the state machine to the arbiter.
 */
public sealed interface Command {

	/**
	 * Find and prepare the release of a generation. {@link Event.Prepared} follows.
	 *
	 * @param generation the generation
	 * @param since when the arbiter requested it
	 * @param wanted first digits of the key of a kept release, or empty for the files on
	 * disk now
	 */
	record Prepare(int generation, long since, String wanted) implements Command {
	}

	/**
	 * Start the workers of a generation from a release from now on.
	 */
	record Adopt(int generation, ApplicationRelease release) implements Command {
	}

	/**
	 * Start a worker's process.
	 */
	record Spawn(Placement placement) implements Command {
	}

	/**
	 * Let a booted worker take traffic.
	 */
	record Serve(long age) implements Command {
	}

	/**
	 * Ask a worker to drain and end.
	 *
	 * @param age the worker
	 * @param gracefulTimeout how long it may wait for requests in flight
	 */
	record Stop(long age, Duration gracefulTimeout) implements Command {
	}

	/**
	 * Record the diagnostics of a worker that will be killed or has died.
	 *
	 * @param age the worker
	 * @param cause what is wrong with it
	 * @param alive whether the worker still runs
	 */
	record Record(long age, Death cause, boolean alive) implements Command {
	}

	/**
	 * Record the diagnostics of a worker that goes on.
	 *
	 * @param reason the reason, which is also part of the folder's name
	 */
	record Dump(long age, String reason) implements Command {
	}

	/**
	 * End a worker's process at once.
	 */
	record Kill(long age) implements Command {
	}

	/**
	 * Forget a worker: its exit was reaped.
	 */
	record Release(long age) implements Command {
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
	 * Publish the target number of workers.
	 */
	record Publish(int generation, ArbiterSettings settings, int targetWorkers) implements Command {
	}

	/**
	 * Publish the state of the fleet.
	 */
	record Post(FleetReport report) implements Command {
	}

	/**
	 * Answer a requested operation.
	 */
	record Reply(Requester requester, Answer answer) implements Command {
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
	record RefuseConnections() implements Command {
	}

	/**
	 * Close the listener.
	 */
	record CloseListener() implements Command {
	}

	/**
	 * Leave the listener and its files to the arbiter that replaces this one.
	 */
	record LeaveListener() implements Command {
	}

	/**
	 * Start the arbiter that is to replace this one.
	 */
	record SpawnReplacement() implements Command {
	}

	/**
	 * End the arbiter that was to replace this one.
	 */
	record StopReplacement() implements Command {
	}

	/**
	 * Notify the arbiter that this one replaces: all workers are ready.
	 */
	record TakeOver() implements Command {
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
