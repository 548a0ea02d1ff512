package dev.tomcorn.core.control;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.Requester;

/**
 * The connected operators. Every user who can reach the socket is an operator: only its
 * owner can enter the directory.
 */
final class Operators {

	/**
	 * Most operators at a time. Each costs the arbiter two threads.
	 */
	static final int MAX = 32;

	/**
	 * The request number of an answer to any request.
	 */
	static final long ANY_REQUEST = 0;

	/**
	 * Longest time for an operator to read its last message.
	 */
	private static final Duration LAST_WORDS = Duration.ofSeconds(1);

	private final Consumer<Event> events;

	private final Map<Long, ControlConnection> connections = new HashMap<>();

	private long last;

	/**
	 * Create the operators' side of a server.
	 * @param events takes their requests; must not block
	 */
	Operators(Consumer<Event> events) {
		this.events = events;
	}

	/**
	 * Serve an operator until it is gone, or refuse it if there are too many.
	 */
	void serve(ControlConnection connection) throws IOException {
		long client = admit(connection);
		if (client == 0) {
			connection.send(new Message.Reply(ANY_REQUEST,
					Answer.failed("%d operators are connected already, which is the limit".formatted(MAX))));
			connection.flush(LAST_WORDS);
			return;
		}
		try {
			connection.send(new Message.Welcome());
			MessageRate rate = new MessageRate();
			Message message;
			while ((message = connection.receive()) != null) {
				rate.count();
				if (!(message instanceof Message.Request(long number, var operation))) {
					throw new IOException("Unexpected " + message.getClass().getSimpleName());
				}
				this.events.accept(new Event.Requested(new Requester(client, number), operation));
			}
		}
		finally {
			remove(client);
		}
	}

	private synchronized long admit(ControlConnection connection) {
		if (this.connections.size() >= MAX) {
			return 0;
		}
		this.connections.put(--this.last, connection);
		return this.last;
	}

	private synchronized void remove(long client) {
		this.connections.remove(client);
	}

	/**
	 * Send a message to an operator, which may be gone, without waiting.
	 */
	void send(long client, Message message) {
		ControlConnection connection;
		synchronized (this) {
			connection = this.connections.get(client);
		}
		if (connection != null) {
			connection.send(message);
		}
	}

	/**
	 * Close all connections after their last messages, unless an operator does not read.
	 */
	void close() {
		List<ControlConnection> left;
		synchronized (this) {
			left = List.copyOf(this.connections.values());
		}
		long deadline = System.nanoTime() + LAST_WORDS.toNanos();
		for (ControlConnection connection : left) {
			connection.flush(Duration.ofNanos(Math.max(deadline - System.nanoTime(), 0)));
			connection.close();
		}
	}

}
