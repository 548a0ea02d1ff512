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

}
