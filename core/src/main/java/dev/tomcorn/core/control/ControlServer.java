package dev.tomcorn.core.control;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.Operation;
import dev.tomcorn.core.arbiter.Requester;
import org.jspecify.annotations.Nullable;

/**
 * The arbiter's end of the control socket. A worker identifies itself by the token, an
 * operator by its first message. Anything else closes the connection.
 */
public final class ControlServer implements Closeable {

	private static final Duration FLUSH_LIMIT = Duration.ofSeconds(1);

	private static final Duration POLL_INTERVAL = Duration.ofMillis(1);

	private final Path socket;

	private final String token;

	private final Consumer<Event> events;

	private final ObjLongConsumer<Path> dumped;

	private final BiConsumer<String, String> warned;

	private final ObjLongConsumer<byte[]> facts;

	private final Map<Long, ControlConnection> workers = new ConcurrentHashMap<>();

	private final Set<Long> expected = ConcurrentHashMap.newKeySet();

	private final UnidentifiedConnections unidentified = new UnidentifiedConnections();

	private final Operators operators;

	private volatile ServerSocketChannel server;

	private ControlServer(Path socket, ServerSocketChannel server, String token, Consumer<Event> events,
			ObjLongConsumer<Path> dumped, BiConsumer<String, String> warned, ObjLongConsumer<byte[]> facts) {
		this.socket = socket;
		this.server = server;
		this.token = token;
		this.events = events;
		this.dumped = dumped;
		this.warned = warned;
		this.facts = facts;
		this.operators = new Operators(events);
	}

	/**
	 * Open the socket and serve it from threads of its own.
	 * @param socket path of the socket, in a directory that only the owner can enter
	 * @param token the token of workers
	 * @param events takes events; must not block
	 * @param dumped takes the folder and the age of a worker that has written its
	 * diagnostics; must not block
	 * @param warned takes the name and the text of workers' warnings; must not block
	 * @param facts takes the facts of workers; must not block
	 * @return the server
	 * @throws IOException if the socket cannot be opened
	 */
	public static ControlServer open(Path socket, String token, Consumer<Event> events, ObjLongConsumer<Path> dumped,
			BiConsumer<String, String> warned, ObjLongConsumer<byte[]> facts) throws IOException {
		ServerSocketChannel channel = bind(socket);
		ControlServer server = new ControlServer(socket, channel, token, events, dumped, warned, facts);
		server.serve(channel);
		return server;
	}

	private static ServerSocketChannel bind(Path socket) throws IOException {
		ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
		try {
			return channel.bind(UnixDomainSocketAddress.of(socket));
		}
		catch (IOException ex) {
			channel.close();
			throw ex;
		}
	}

	private void serve(ServerSocketChannel channel) {
		Thread.ofPlatform().daemon().name("tomcorn-control").start(() -> acceptAll(channel));
	}

	/**
	 * Make the socket reachable again if its file was removed. Open connections stay
	 * open.
	 * @throws IOException if that is not possible
	 */
	public void restore() throws IOException {
		if (Files.exists(this.socket)) {
			return;
		}
		ServerSocketChannel unreachable = this.server;
		this.server = bind(this.socket);
		serve(this.server);
		unreachable.close();
	}

	/**
	 * Expect a worker. Only an expected one is accepted, and only once.
	 * @param age the worker
	 */
	public void expect(long age) {
		this.expected.add(age);
	}

	/**
	 * Return whether a worker that is not forgotten yet has connected.
	 * @param age the worker
	 * @return whether it is connected, or was
	 */
	public boolean hasJoined(long age) {
		return !this.expected.contains(age);
	}

	/**
	 * Wait until the connection of an ended worker is closed, so that all its messages
	 * are received.
	 * @param age the worker
	 * @param deadline time of {@link System#nanoTime()} to wait until at the latest: a
	 * process that the worker has started may keep the connection open
	 */
	public void awaitDisconnection(long age, long deadline) {
		while (this.workers.containsKey(age) && System.nanoTime() - deadline < 0) {
			LockSupport.parkNanos(POLL_INTERVAL.toNanos());
		}
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

	/**
	 * Answer a requested operation without waiting.
	 * @param requester the client, which may be gone
	 * @param answer the answer
	 */
	public void reply(Requester requester, Answer answer) {
		Message reply = new Message.Reply(requester.number(), answer);
		if (requester.client() < 0) {
			this.operators.send(requester.client(), reply);
		}
		else {
			send(requester.client(), reply);
		}
	}

	private void acceptAll(ServerSocketChannel channel) {
		while (channel.isOpen()) {
			try {
				startServing(channel.accept());
			}
			catch (ClosedChannelException ex) {
				return;
			}
			catch (IOException | OutOfMemoryError ex) {
				pauseAfterFailure();
			}
		}
	}

	private void startServing(SocketChannel channel) throws IOException {
		this.unidentified.admit(channel);
		boolean started = false;
		try {
			Thread.ofPlatform().daemon().name("tomcorn-control-reader").start(() -> serve(channel));
			started = true;
		}
		finally {
			if (!started) {
				this.unidentified.remove(channel);
				channel.close();
			}
		}
	}

	/**
	 * Connections that have not identified themselves yet. Beyond a limit the oldest is
	 * closed, so that a flood of them does not lock workers out.
	 */
	private static final class UnidentifiedConnections {

		private static final int MAX = 64;

		private final Set<SocketChannel> channels = new LinkedHashSet<>();

		synchronized void admit(SocketChannel channel) throws IOException {
			if (this.channels.size() >= MAX) {
				SocketChannel oldest = this.channels.iterator().next();
				this.channels.remove(oldest);
				oldest.close();
			}
			this.channels.add(channel);
		}

		/**
		 * Return whether the connection was there.
		 */
		synchronized boolean remove(SocketChannel channel) {
			return this.channels.remove(channel);
		}

	}

	/**
	 * Out of descriptors or threads: wait until some are free.
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
			Message first = connection.receive();
			// A connection closed for lack of room may retry, so its age stays expected
			if (this.unidentified.remove(channel)) {
				serve(first, connection);
			}
		}
		catch (IOException ex) {
			// The worker ends when it loses its connection, and the arbiter notices its
			// exit
		}
		finally {
			this.unidentified.remove(channel);
		}
	}

	private void serve(@Nullable Message first, ControlConnection connection) throws IOException {
		switch (first) {
			case Message.Hello(long age, String shown) when isToken(shown) && this.expected.remove(age) ->
				serve(age, connection);
			case Message.Operator() -> this.operators.serve(connection);
			case Message.TakeOver(String shown) when isToken(shown) -> {
				this.events.accept(new Event.SuccessorReady());
				connection.send(new Message.Welcome());
				connection.flush(FLUSH_LIMIT);
			}
			case null, default -> {
			}
		}
	}

	private void serve(long age, ControlConnection connection) throws IOException {
		this.workers.put(age, connection);
		try {
			connection.send(new Message.Welcome());
			listen(age, connection);
		}
		finally {
			this.workers.remove(age, connection);
		}
	}

	private boolean isToken(String shown) {
		return MessageDigest.isEqual(shown.getBytes(StandardCharsets.US_ASCII),
				this.token.getBytes(StandardCharsets.US_ASCII));
	}

	private void listen(long age, ControlConnection connection) throws IOException {
		MessageRate rate = new MessageRate();
		while (true) {
			Message message = connection.receive(age);
			if (message == null) {
				return;
			}
			rate.count();
			switch (message) {
				case Message.Dumped(String folder) -> this.dumped.accept(path(folder), age);
				case Message.Warning(String name, String text) -> this.warned.accept(name, text);
				case Message.Facts(byte[] bytes) -> this.facts.accept(bytes, age);
				case Message.Told(Event.OfWorker event) -> this.events.accept(event);
				case Message.Request(long number, Operation operation) ->
					this.events.accept(new Event.Requested(new Requester(age, number), operation));
				case Message.Hello _, Message.TakeOver _, Message.Operator _, Message.Welcome _, Message.Order _,
						Message.Dump _, Message.Reply _ ->
					throw new IOException("Unexpected " + message.getClass().getSimpleName());
			}
		}
	}

	private static Path path(String text) throws IOException {
		try {
			return Path.of(text);
		}
		catch (InvalidPathException ex) {
			throw new IOException(ex);
		}
	}

	@Override
	public void close() throws IOException {
		this.server.close();
		this.operators.close();
		this.workers.values().forEach(ControlConnection::close);
	}

}
