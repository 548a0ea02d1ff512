package dev.tomcorn.core.arbiter;

import java.time.Duration;

/**
 * Something the state machine wants done.
 */
public sealed interface Command {

	/**
	 * Find and prepare the release of a generation. {@link Event.Prepared} follows.
	 *
	 * @param generation the generation
	 * @param since when the arbiter asks for it
	 * @param wanted the beginning of the key of a kept release, or empty for what is on
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
	 * Write down what is known about a worker that is to be killed or has died.
	 *
	 * @param age the worker
	 * @param cause what is wrong with it
	 * @param alive whether the worker still runs
	 */
	record Record(long age, Death cause, boolean alive) implements Command {
	}

	/**
	 * Write down what is known about a worker that goes on.
	 *
	 * @param reason why, in words that also name the folder
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
	 * Tell the operator.
	 */
	record Announce(Level level, String message) implements Command {
	}

	/**
	 * Tell the operator what a worker does, from its slot.
	 *
	 * @param age the worker
	 * @param label how to name it
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
	 * Tell the service manager that the arbiter refuses a reload.
	 */
	record RefuseReload(String reason) implements Command {
	}

	/**
	 * Tell the listeners.
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
	 * Tell the arbiter that this one replaces that all workers are ready.
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
