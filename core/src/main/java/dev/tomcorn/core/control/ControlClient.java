package dev.tomcorn.core.control;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A worker's end of the control socket.
 */
public final class ControlClient {

	private final ControlConnection connection;

	private ControlClient(ControlConnection connection) {
		this.connection = connection;
	}

	/**
	 * Connect to the arbiter.
	 * @param socket path of the socket
	 * @param age the worker's age
	 * @param token the secret the arbiter gave the worker
	 * @return the client
	 * @throws IOException if the arbiter cannot be reached
	 */
	public static ControlClient connect(Path socket, long age, String token) throws IOException {
		ControlConnection connection = new ControlConnection(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
		connection.send(new Message.Hello(age, token));
		return new ControlClient(connection);
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

}
