package dev.tomcorn.core.control;

import java.time.Duration;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.Operation;

/**
 * What arbiter, workers and operators tell each other. Anything frequent goes through the
 * scoreboard instead.
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
	 * A worker tells the arbiter what has become of it.
	 *
	 * @param event the event; its age is not sent, since the arbiter knows whose
	 * connection it comes from
	 */
	record Told(Event.OfWorker event) implements Message {
	}

	/**
	 * The arbiter lets a worker take traffic.
	 */
	record Serve() implements Message {
	}

	/**
	 * First message of an operator. There is no secret: who can reach the socket is one.
	 */
	record Operator() implements Message {
	}

	/**
	 * An operator, or a client of a worker, asks for an operation.
	 *
	 * @param number the sender's number of the request
	 * @param operation what is asked for
	 */
	record Request(long number, Operation operation) implements Message {
	}

	/**
	 * What has become of an operation.
	 *
	 * @param number the number of the request, or {@link Operators#ANY_REQUEST}
	 * @param answer what has become of it
	 */
	record Reply(long number, Answer answer) implements Message {
	}

	/**
	 * The arbiter asks a worker to drain and end.
	 *
	 * @param gracefulTimeout how long it may wait for requests in flight
	 */
	record Stop(Duration gracefulTimeout) implements Message {
	}

	/**
	 * Something in a worker's application differs from plain Boot in a fleet.
	 *
	 * @param name what it is about; the arbiter tells of each name once
	 * @param text what happens and what to do about it
	 */
	record Warning(String name, String text) implements Message {
	}

	/**
	 * What a worker knows of what may be wrong with it. Sent when it has changed, and not
	 * to an arbiter of an older version, which does not know it.
	 *
	 * @param bytes the facts, for whoever judges them
	 */
	record Facts(byte[] bytes) implements Message {
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
	 *
	 * @param folder the folder it was asked to write into
	 */
	record Dumped(String folder) implements Message {
	}

}
