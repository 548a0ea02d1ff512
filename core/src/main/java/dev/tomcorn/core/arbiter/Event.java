package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * An event in the life of the fleet. Workers are identified by age, which is never
 * reused.
 */
public sealed interface Event {

	/**
	 * A worker's process was started.
	 */
	record Spawned(long age, long pid) implements Event {
	}

	/**
	 * A worker's process could not be started.
	 */
	record SpawnFailed(long age, String reason) implements Event {
	}

	/**
	 * An event that a worker reports about itself. It travels unchanged as a message.
	 */
	sealed interface OfWorker extends Event {

		/**
		 * Return the worker that reports it.
		 * @return the worker's age
		 */
		long age();

	}

	/**
	 * A worker has loaded the application and could accept traffic.
	 *
	 * @param settings the supervision policy from its configuration, {@code null} if it
	 * did not send any
	 */
	record Ready(long age, Duration boot, @Nullable ArbiterSettings settings) implements OfWorker {
	}

	/**
	 * A worker's application has failed to start.
	 *
	 * @param report its failure report
	 */
	record BootFailed(long age, String report) implements OfWorker {
	}

	/**
	 * A worker asks to be replaced: it has reached a limit, or a fault in it cannot be
	 * repaired. It serves until its successor is ready.
	 */
	record Recycle(long age, String reason) implements OfWorker {
	}

	/**
	 * A worker has stopped taking connections and is about to end.
	 */
	record Draining(long age) implements OfWorker {
	}

	/**
	 * The diagnostics of a worker are recorded, as far as possible.
	 *
	 * @param incident path of the folder, or empty
	 */
	record Recorded(long age, String incident) implements Event {
	}

	/**
	 * The diagnostics of a worker are recorded for an operator, as far as possible.
	 *
	 * @param folder path of the folder, or empty
	 */
	record Dumped(long age, String folder) implements Event {
	}

	/**
	 * A worker's process has ended and was reaped.
	 *
	 * @param exitCode its exit code, 128 + n after a signal n
	 * @param joined whether it had connected to the arbiter
	 * @param lost the requests that it had in flight
	 */
	record Exited(long age, Death death, int exitCode, boolean joined, LostRequests lost) implements Event {

		public Exited(long age, Death death, int exitCode, boolean joined) {
			this(age, death, exitCode, joined, LostRequests.NONE);
		}

	}

	/**
	 * The release of a generation is ready, or there is none.
	 *
	 * @param generation the generation
	 * @param since when the arbiter requested it
	 * @param release the release
	 * @param refusal why there is none, or empty
	 */
	record Prepared(int generation, long since, ApplicationRelease release, String refusal) implements Event {
	}

	/**
	 * The jar on disk was read.
	 *
	 * @param release the release that a reload would start
	 */
	record OnDisk(ApplicationRelease release) implements Event {
	}

	/**
	 * Time has passed.
	 *
	 * @param heartbeats the last heartbeat of each worker
	 * @param queued connections that wait in the listener's queue, -1 if that is not
	 * known
	 */
	record Tick(Map<Long, Heartbeat> heartbeats, int queued) implements Event {
	}

	/**
	 * A worker's sign of life.
	 *
	 * @param beat a number in the worker's own units: only a change counts
	 * @param trouble why it is silent, if the worker knows, or empty
	 * @param busy CPUs that it uses
	 */
	record Heartbeat(long beat, String trouble, double busy) {
	}

	/**
	 * A client requests an operation and waits for the answer.
	 */
	record Requested(Requester requester, Operation operation) implements Event {
	}

	/**
	 * The arbiter that is to replace this one could not be started, or has ended.
	 *
	 * @param reason the end of a sentence about it
	 */
	record ReplacementFailed(String reason) implements Event {
	}

	/**
	 * The arbiter that is to replace this one has all its workers ready.
	 */
	record SuccessorReady() implements Event {
	}

	/**
	 * The arbiter that this one replaces is notified that all workers are ready, or is
	 * gone.
	 */
	record PredecessorReleased() implements Event {
	}

	/**
	 * The list of problems has changed.
	 *
	 * @param problems current problems, and those that have just ended
	 */
	record Problems(List<Problem> problems) implements Event {

		public Problems {
			problems = List.copyOf(problems);
		}

	}

	/**
	 * An operator sent the arbiter a signal.
	 */
	enum Signal implements Event {

		/** Serve the queued connections, drain every worker, then end (TERM). */
		STOP,

		/** End without waiting for requests; a second one kills the workers (INT). */
		STOP_FAST,

		/** One worker more (TTIN). */
		SCALE_UP,

		/** One worker fewer, never fewer than one (TTOU). */
		SCALE_DOWN,

		/** New generation (HUP). */
		RELOAD,

		/** Drain every worker and wait (WINCH). */
		PAUSE,

		/** Log the fleet's state (USR1). */
		DESCRIBE,

		/** Replace the arbiter itself (USR2). */
		REPLACE

	}

}
