package dev.tomcorn.core.control;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

import dev.tomcorn.core.arbiter.Event;

/**
 * The arbiter's end of the control socket. A connection is listened to once it has shown
 * the token; whatever else it sends ends it.
 */
public final class ControlServer implements Closeable {

	private static final int MAX_CONNECTIONS = 512;

	private final ServerSocketChannel server;

	private final String token;

	private final Consumer<Event> events;

	private final Map<Long, ControlConnection> workers = new ConcurrentHashMap<>();

	private final Set<Long> expected = ConcurrentHashMap.newKeySet();

	private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);

	private ControlServer(ServerSocketChannel server, String token, Consumer<Event> events) {
		this.server = server;
		this.token = token;
		this.events = events;
	}

	/**
	 * Open the socket and serve it from threads of its own.
	 * @param socket path of the socket, in a directory that only the owner can enter
	 * @param token what a worker has to show
	 * @param events takes what workers tell; must not block
	 * @return the server
	 * @throws IOException if the socket cannot be opened
	 */
	public static ControlServer open(Path socket, String token, Consumer<Event> events) throws IOException {
		ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
		channel.bind(UnixDomainSocketAddress.of(socket));
		ControlServer server = new ControlServer(channel, token, events);
		Thread.ofPlatform().daemon().name("tomcorn-control").start(server::acceptAll);
		return server;
	}

	/**
	 * Expect a worker. Only an expected one is let in, and only once.
	 * @param age the worker
	 */
	public void expect(long age) {
		this.expected.add(age);
	}

	/**
	 * Forget a worker that has ended.
	 * @param age the worker
	 */
	public void forget(long age) {
		this.expected.remove(age);
		ControlConnection connection = this.workers.remove(age);
		if (connection != null) {
			connection.close();
		}
	}

	/**
	 * Send a message to a worker without waiting for it.
	 * @param age the worker
	 * @param message the message
	 * @return whether the worker is connected
	 */
	public boolean send(long age, Message message) {
		ControlConnection connection = this.workers.get(age);
		if (connection != null) {
			connection.send(message);
		}
		return connection != null;
	}

	private void acceptAll() {
		while (this.server.isOpen()) {
			try {
				startServing(this.server.accept());
			}
			catch (IOException | OutOfMemoryError ex) {
				pauseAfterFailure();
			}
		}
	}

	private void startServing(SocketChannel channel) throws IOException {
		boolean started = false;
		if (this.connections.tryAcquire()) {
			try {
				Thread.ofPlatform().daemon().name("tomcorn-control-reader").start(() -> serve(channel));
				started = true;
			}
			finally {
				if (!started) {
					this.connections.release();
				}
			}
		}
		if (!started) {
			channel.close();
		}
	}

	/**
	 * Out of descriptors or threads: give others the time to return some.
	 */
	private void pauseAfterFailure() {
		try {
			Thread.sleep(Duration.ofMillis(100));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void serve(SocketChannel channel) {
		try (ControlConnection connection = new ControlConnection(channel)) {
			if (connection.receive() instanceof Message.Hello(long age, String shown) && isToken(shown)
					&& this.expected.remove(age)) {
				this.workers.put(age, connection);
				try {
					listen(age, connection);
				}
				finally {
					this.workers.remove(age, connection);
				}
			}
		}
		catch (IOException ex) {
			// The worker ends when it loses its connection; its exit tells the arbiter
		}
		finally {
			this.connections.release();
		}
	}

	private boolean isToken(String shown) {
		return MessageDigest.isEqual(shown.getBytes(StandardCharsets.US_ASCII),
				this.token.getBytes(StandardCharsets.US_ASCII));
	}

	private void listen(long age, ControlConnection connection) throws IOException {
		while (true) {
			switch (connection.receive()) {
				case Message.Ready(Duration boot) -> this.events.accept(new Event.Ready(age, boot));
				case Message.Draining() -> this.events.accept(new Event.Draining(age));
				case Message.Hello hello -> throw new IOException("Unexpected " + hello.getClass());
				case Message.Recycle recycle -> {
				}
				case Message.Dumped dumped -> {
				}
				case Message.Stop stop -> throw new IOException("Unexpected " + stop);
				case Message.Dump dump -> throw new IOException("Unexpected " + dump);
				case null -> {
					return;
				}
			}
		}
	}

	@Override
	public void close() throws IOException {
		this.server.close();
		this.workers.values().forEach(ControlConnection::close);
	}

}
