package dev.tomcorn.core.control;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Command;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.Operation;

/**
 * The messages between arbiter, workers and operators. Frequent data goes through the
 * scoreboard instead.
 */
public sealed interface Message {

	/**
	 * First message of a worker: its identity.
	 *
	 * @param age its age
	 * @param token the secret the arbiter gave it
	 */
	record Hello(long age, String token) implements Message {
	}

	/**
	 * The arbiter has accepted the client.
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
	 * A worker reports an event about itself.
	 *
	 * @param event the event; its age is not sent, because the arbiter knows it from the
	 * connection
	 */
	record Told(Event.OfWorker event) implements Message {
	}

	/**
	 * The arbiter gives a worker a command.
	 *
	 * @param command the command; its age is not sent, because the worker knows its own
	 */
	record Order(Command.ToWorker command) implements Message {
	}

	/**
	 * First message of an operator. There is no secret: every user who can reach the
	 * socket is an operator.
	 */
	record Operator() implements Message {
	}

	/**
	 * An operator, or a client of a worker, asks for an operation.
	 *
	 * @param number the sender's number of the request
	 * @param operation the operation
	 */
	record Request(long number, Operation operation) implements Message {
	}

	/**
	 * The answer to an operation.
	 *
	 * @param number the number of the request, or {@link Operators#ANY_REQUEST}
	 * @param answer the answer
	 */
	record Reply(long number, Answer answer) implements Message {
	}

	/**
	 * Something in a worker's application differs from plain Boot in a fleet.
	 *
	 * @param name its topic; the arbiter logs each name once
	 * @param text what happens and what to do about it
	 */
	record Warning(String name, String text) implements Message {
	}

	/**
	 * Facts about possible problems of a worker. Sent when they change, but not to an
	 * arbiter of an older version, which does not know the message.
	 *
	 * @param bytes the facts, encoded
	 */
	record Facts(byte[] bytes) implements Message {
	}

	/**
	 * The arbiter asks a worker to write its diagnostics into a folder.
	 *
	 * @param folder path of the folder, which exists
	 */
	record Dump(String folder) implements Message {
	}

	/**
	 * A worker has written its diagnostics.
	 *
	 * @param folder the folder
	 */
	record Dumped(String folder) implements Message {
	}

}
