package dev.tomcorn.core.control;

import java.time.Duration;

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
	 * A worker accepts traffic.
	 *
	 * @param boot time from spawn to ready
	 */
	record Ready(Duration boot) implements Message {
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
