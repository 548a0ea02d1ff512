package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.Map;

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
	 * A worker has loaded the application and accepts traffic.
	 */
	record Ready(long age, Duration boot) implements Event {
	}

	/**
	 * A worker has stopped taking connections and is about to end.
	 */
	record Draining(long age) implements Event {
	}

	/**
	 * A worker's process has ended and was reaped.
	 */
	record Exited(long age, ExitStatus status) implements Event {
	}

	/**
	 * Time has passed.
	 *
	 * @param heartbeats the last heartbeat of each worker, in its own units: only a
	 * change counts
	 */
	record Tick(Map<Long, Long> heartbeats) implements Event {
	}

	/**
	 * An operator asked something of the arbiter.
	 */
	enum Request implements Event {

		/** Drain every worker, then end (TERM). */
		STOP,

		/** End now, without waiting for requests; asked twice, kill (INT). */
		STOP_FAST,

		/** One worker more (TTIN). */
		SCALE_UP,

		/** One worker fewer, never fewer than one (TTOU). */
		SCALE_DOWN,

		/** New generation (HUP). */
		RELOAD

	}

}
