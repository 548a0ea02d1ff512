package dev.tomcorn.core.control;

import java.time.Duration;

import dev.tomcorn.core.arbiter.ArbiterSettings;

/**
 * What arbiter and workers tell each other. Anything frequent goes through the scoreboard
 * instead.
 */
public sealed interface Message {

	/**
	 * First message of a worker: who it is.
	 *
	 * @param age its age
	 * @param token the secret the arbiter gave it
	 */
	record Hello(long age, String token) implements Message {
	}

	/**
	 * The arbiter has let the worker in.
	 */
	record Welcome() implements Message {
	}

	/**
	 * First message of another arbiter, whose workers are all ready: it takes over.
	 *
	 * @param token the secret the arbiter gave it
	 */
	record TakeOver(String token) implements Message {
	}

	/**
	 * A worker could accept traffic.
	 *
	 * @param boot time from spawn to ready
	 * @param settings the supervision policy as the worker's configuration has it
	 */
	record Ready(Duration boot, ArbiterSettings settings) implements Message {
	}

	/**
	 * A worker's application has failed to start.
	 *
	 * @param report its failure report
	 */
	record BootFailed(String report) implements Message {
	}

	/**
	 * The arbiter lets a worker take traffic.
	 */
	record Serve() implements Message {
	}

	/**
	 * A client of a worker asks for a reload.
	 *
	 * @param number the worker's number of the request
	 */
	record RequestReload(long number) implements Message {
	}

	/**
	 * A reload that a worker asked for has ended.
	 *
	 * @param number the worker's number of the request
	 * @param success whether every worker is of the new generation
	 * @param text what happened
	 */
	record ReloadEnded(long number, boolean success, String text) implements Message {
	}

	/**
	 * A worker has stopped taking connections and is about to end.
	 */
	record Draining() implements Message {
	}

	/**
	 * The arbiter asks a worker to drain and end.
	 *
	 * @param gracefulTimeout how long it may wait for requests in flight
	 */
	record Stop(Duration gracefulTimeout) implements Message {
	}

	/**
	 * A worker wants to be replaced: it has reached a limit, or something in it is beyond
	 * repair. It serves on until its successor is ready.
	 *
	 * @param reason why, for the log
	 */
	record Recycle(String reason) implements Message {
	}

	/**
	 * The arbiter asks a worker to write what it knows about itself into a folder.
	 *
	 * @param folder path of the folder, which exists
	 */
	record Dump(String folder) implements Message {
	}

	/**
	 * A worker has written what it knows.
	 */
	record Dumped() implements Message {
	}

}
