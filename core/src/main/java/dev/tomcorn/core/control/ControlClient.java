package dev.tomcorn.core.control;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The other end of an arbiter's control socket: a worker's, or another arbiter's.
 */
public final class ControlClient {

	private static final int ATTEMPTS = 50;

	private static final Duration ATTEMPT_INTERVAL = Duration.ofMillis(100);

	private static final Duration FLUSH_LIMIT = Duration.ofSeconds(1);

	private final ControlConnection connection;

	private ControlClient(ControlConnection connection) {
		this.connection = connection;
	}

	/**
	 * Connect a worker to its arbiter. An arbiter that has no room for the connection is
	 * asked again for some seconds.
	 * @param socket path of the socket
	 * @param age the worker's age
	 * @param token the secret the arbiter gave the worker
	 * @return the client
	 * @throws IOException if the arbiter cannot be reached or does not let the worker in
	 */
	public static ControlClient connect(Path socket, long age, String token) throws IOException {
		return connect(socket, age, token, ATTEMPTS);
	}

	/**
	 * Connect with a given number of attempts, for tests.
	 */
	static ControlClient connect(Path socket, long age, String token, int attempts) throws IOException {
		IOException failure = new IOException("The arbiter does not let this worker in");
		for (int attempt = 0; attempt < attempts; attempt++) {
			try {
				ControlConnection connection = open(socket);
				connection.send(new Message.Hello(age, token));
				if (isWelcome(connection)) {
					return new ControlClient(connection);
				}
				connection.close();
			}
			catch (IOException ex) {
				failure = ex;
			}
			LockSupport.parkNanos(ATTEMPT_INTERVAL.toNanos());
		}
		throw failure;
	}

	private static boolean isWelcome(ControlConnection connection) {
		try {
			return connection.receive() instanceof Message.Welcome;
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Tell another arbiter that this one takes over, and wait until it has heard.
	 * @param socket path of its socket
	 * @param token the secret it gave this one
	 * @return whether it has heard
	 * @throws IOException if it cannot be reached
	 */
	public static boolean takeOver(Path socket, String token) throws IOException {
		try (ControlConnection connection = open(socket)) {
			connection.send(new Message.TakeOver(token));
			return isWelcome(connection);
		}
	}

	private static ControlConnection open(Path socket) throws IOException {
		return new ControlConnection(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
	}

	/**
	 * Listen to the arbiter, in a thread of its own.
	 * @param messages takes the messages
	 * @param arbiterGone runs once the arbiter is gone
	 */
	public void listen(Consumer<Message> messages, Runnable arbiterGone) {
		Thread.ofPlatform().daemon().name("tomcorn-control").start(() -> {
			try {
				Message message;
				while ((message = this.connection.receive()) != null) {
					messages.accept(message);
				}
			}
			catch (IOException ex) {
				// As good as gone
			}
			finally {
				arbiterGone.run();
			}
		});
	}

	/**
	 * Send a message without waiting for the arbiter.
	 * @param message the message
	 */
	public void send(Message message) {
		this.connection.send(message);
	}

	/**
	 * Wait, for a second at most, until everything is sent: this process is about to end.
	 */
	public void flush() {
		this.connection.flush(FLUSH_LIMIT);
	}

}
