package dev.tomcorn.core.arbiter;

import java.time.Duration;

/**
 * An event that a {@link FleetListener} receives after it has happened.
 */
public sealed interface FleetEvent {

	/**
	 * The arbiter listens, and spawns its first worker next. Gunicorn:
	 * {@code on_starting}, {@code when_ready}.
	 *
	 * @param workers the target number of workers
	 */
	record Started(int workers) implements FleetEvent {
	}

	/**
	 * A worker's process was started. Gunicorn: {@code pre_fork}, {@code post_fork}.
	 *
	 * @param placement its placement
	 * @param pid its process id
	 */
	record WorkerSpawned(Placement placement, long pid) implements FleetEvent {
	}

	/**
	 * A worker has loaded the application. Gunicorn: {@code post_worker_init}.
	 *
	 * @param placement its placement
	 * @param pid its process id
	 * @param boot time from spawn to ready
	 */
	record WorkerReady(Placement placement, long pid, Duration boot) implements FleetEvent {
	}

	/**
	 * A worker is being replaced because it, the arbiter or an operator has asked for it,
	 * such as at a limit.
	 *
	 * @param placement its placement
	 * @param pid its process id
	 * @param reason why
	 */
	record WorkerRecycling(Placement placement, long pid, String reason) implements FleetEvent {
	}

	/**
	 * A worker is about to be killed. Gunicorn: {@code worker_abort}.
	 *
	 * @param placement its placement
	 * @param pid its process id
	 * @param death why
	 */
	record WorkerAborted(Placement placement, long pid, Death death) implements FleetEvent {
	}

	/**
	 * A worker's process has ended. Gunicorn: {@code child_exit}, {@code worker_exit}.
	 *
	 * @param placement its placement
	 * @param pid its process id
	 * @param planned whether it drained before it ended, or the fleet was stopping
	 * @param death how it ended
	 */
	record WorkerExited(Placement placement, long pid, boolean planned, Death death) implements FleetEvent {
	}

	/**
	 * The target number of workers has changed. Gunicorn: {@code nworkers_changed}.
	 *
	 * @param from the number before
	 * @param to the new number
	 */
	record Scaled(int from, int to) implements FleetEvent {
	}

	/**
	 * A reload has begun. Gunicorn: {@code on_reload}.
	 *
	 * @param generation number of the new generation
	 */
	record ReloadStarted(int generation) implements FleetEvent {
	}

	/**
	 * A reload has ended.
	 *
	 * @param generation number of the new generation
	 * @param success whether all workers are of that generation
	 * @param cause why it failed, or empty
	 */
	record ReloadEnded(int generation, boolean success, String cause) implements FleetEvent {
	}

	/**
	 * The arbiter starts another one that will replace it. Gunicorn: {@code pre_exec}.
	 */
	record Replacing() implements FleetEvent {
	}

	/**
	 * The fleet is stopping. Gunicorn: {@code worker_int} of all.
	 *
	 * @param graceful whether requests may finish
	 */
	record Stopping(boolean graceful) implements FleetEvent {
	}

	/**
	 * Something is wrong with the fleet. Sent once per problem.
	 *
	 * @param problem what is wrong
	 */
	record ProblemBegan(Problem problem) implements FleetEvent {
	}

	/**
	 * A problem has ended.
	 *
	 * @param problem what was wrong
	 */
	record ProblemEnded(Problem problem) implements FleetEvent {
	}

	/**
	 * The arbiter ends. Gunicorn: {@code on_exit}.
	 *
	 * @param exitCode its exit code
	 */
	record Halted(int exitCode) implements FleetEvent {
	}

}
