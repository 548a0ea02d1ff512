package dev.tomcorn.core.arbiter;

import java.time.Duration;

/**
 * Something the state machine wants done.
 */
public sealed interface Command {

	/**
	 * Start a worker's process.
	 */
	record Spawn(Placement placement) implements Command {
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
	 * Show everybody how many workers there are to be.
	 */
	record Publish(int generation, int targetWorkers) implements Command {
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
