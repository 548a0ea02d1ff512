package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Something that happened to the fleet. Workers are named by age, which is never reused.
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
	 * What a worker tells of itself. It is sent as it is.
	 */
	sealed interface OfWorker extends Event {

		/**
		 * Return which worker tells it.
		 * @return its age
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
	 * @param report its own words
	 */
	record BootFailed(long age, String report) implements OfWorker {
	}

	/**
	 * A worker wants to be replaced: it has reached a limit, or something in it is beyond
	 * repair. It serves on until its successor is ready.
	 */
	record Recycle(long age, String reason) implements OfWorker {
	}

	/**
	 * A worker has stopped taking connections and is about to end.
	 */
	record Draining(long age) implements OfWorker {
	}

	/**
	 * What is known about a worker has been written down, as far as that was possible.
	 *
	 * @param incident path of it, or empty
	 */
	record Recorded(long age, String incident) implements Event {
	}

	/**
	 * What is known about a worker has been written down for an operator, as far as that
	 * was possible.
	 *
	 * @param folder path of it, or empty
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
	 * @param since when the arbiter asked for it
	 * @param release the release
	 * @param refusal why there is none, or empty
	 */
	record Prepared(int generation, long since, ApplicationRelease release, String refusal) implements Event {
	}

	/**
	 * The jar on disk was read.
	 *
	 * @param release what a reload would bring
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
	 * @param beat in units of its own: only a change counts
	 * @param trouble why it is silent, if the worker knows, or empty
	 * @param busy CPUs it keeps busy
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
	 * @param reason what happened to it
	 */
	record ReplacementFailed(String reason) implements Event {
	}

	/**
	 * The arbiter that is to replace this one has all its workers ready.
	 */
	record SuccessorReady() implements Event {
	}

	/**
	 * The arbiter that this one replaces knows that all workers are ready, or is gone.
	 */
	record PredecessorReleased() implements Event {
	}

	/**
	 * The list of problems has changed.
	 *
	 * @param problems problems that go on, and those that have just ended
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

		/** Serve what queues, drain every worker, then end (TERM). */
		STOP,

		/** End now, without waiting for requests; sent twice, kill (INT). */
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
