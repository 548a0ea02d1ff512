package dev.tomcorn.core.control;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * The other end of an arbiter's control socket: a worker's, or another arbiter's.
 */
public final class ControlClient {

	private static final int ATTEMPTS = 50;

	private static final Duration ATTEMPT_INTERVAL = Duration.ofMillis(100);

	/**
	 * Longest wait for an arbiter to accept a worker. It is long, because a worker is
	 * useless without its arbiter.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(30);

	/**
	 * Longest wait of a client that does not need the arbiter, or retries.
	 */
	private static final Duration SHORT_PATIENCE = Duration.ofSeconds(5);

	private static final Duration PATIENCE_STEP = Duration.ofMillis(100);

	private static final Duration FLUSH_LIMIT = Duration.ofSeconds(1);

	private final ControlConnection connection;

	private final WakeableInput input;

	private ControlClient(ControlConnection connection, WakeableInput input) {
		this.connection = connection;
		this.input = input;
	}

	/**
	 * Connect a worker to its arbiter. Retries for some seconds if the arbiter has no
	 * room for the connection.
	 * @param socket path of the socket
	 * @param age the worker's age
	 * @param token the secret the arbiter gave the worker
	 * @return the client
	 * @throws IOException if the arbiter cannot be reached, refuses the worker or does
	 * not answer within 30 s
	 */
	public static ControlClient connect(Path socket, long age, String token) throws IOException {
		return connect(socket, age, token, ATTEMPTS, PATIENCE);
	}

	/**
	 * Connect a worker that is about to end, so that it can report the reason.
	 * @param socket path of the socket
	 * @param age the worker's age
	 * @param token the secret the arbiter gave the worker
	 * @return the client
	 * @throws IOException if the arbiter cannot be reached, refuses the worker or does
	 * not answer within 5 s
	 */
	public static ControlClient connectToReport(Path socket, long age, String token) throws IOException {
		return connect(socket, age, token, ATTEMPTS, SHORT_PATIENCE);
	}

	/**
	 * Connect with given numbers of attempts, for tests.
	 */
	static ControlClient connect(Path socket, long age, String token, int attempts, Duration patience)
			throws IOException {
		IOException failure = new IOException("The arbiter refuses this worker");
		for (int attempt = 0; attempt < attempts; attempt++) {
			try {
				ControlClient client = introduce(socket, new Message.Hello(age, token), patience);
				if (client != null) {
					return client;
				}
			}
			catch (SocketTimeoutException ex) {
				// No retry: the arbiter may still read the message, and accepts a worker
				// only once
				throw ex;
			}
			catch (IOException ex) {
				failure = ex;
			}
			LockSupport.parkNanos(ATTEMPT_INTERVAL.toNanos());
		}
		throw failure;
	}

	/**
	 * Notify another arbiter that this one takes over, and wait for its confirmation, at
	 * most 5 s.
	 * @param socket path of its socket
	 * @param token the secret it gave this one
	 * @return whether it has confirmed
	 * @throws IOException if it cannot be reached or does not answer
	 */
	public static boolean takeOver(Path socket, String token) throws IOException {
		return takeOver(socket, token, SHORT_PATIENCE);
	}

	/**
	 * Take over with a given patience, for tests.
	 */
	static boolean takeOver(Path socket, String token, Duration patience) throws IOException {
		ControlClient client = introduce(socket, new Message.TakeOver(token), patience);
		if (client != null) {
			client.connection.close();
		}
		return client != null;
	}

	/**
	 * Connect, send the identity and wait until it is accepted. This runs in a thread of
	 * its own, because connecting to a frozen arbiter may take forever.
	 * @return the client, {@code null} if the arbiter refuses it
	 */
	private static @Nullable ControlClient introduce(Path socket, Message introduction, Duration patience)
			throws IOException {
		SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
		boolean welcome = false;
		WakeableInput input = inputOf(channel);
		try {
			FutureTask<@Nullable ControlClient> task = new FutureTask<>(
					() -> converse(channel, input, socket, introduction));
			Thread.ofPlatform().daemon().name("tomcorn-control-connect").start(task);
			ControlClient client = await(task, patience);
			welcome = client != null;
			return client;
		}
		finally {
			if (!welcome) {
				input.close();
			}
		}
	}

	private static WakeableInput inputOf(SocketChannel channel) throws IOException {
		WakeableInput input = null;
		try {
			input = new WakeableInput(channel);
			return input;
		}
		finally {
			if (input == null) {
				channel.close();
			}
		}
	}

	private static @Nullable ControlClient converse(SocketChannel channel, WakeableInput input, Path socket,
			Message introduction) throws IOException {
		channel.connect(UnixDomainSocketAddress.of(socket));
		input.begin();
		ControlConnection connection = new ControlConnection(channel, input);
		boolean welcome = false;
		try {
			connection.send(introduction);
			welcome = isWelcome(connection);
			return welcome ? new ControlClient(connection, input) : null;
		}
		finally {
			if (!welcome) {
				connection.close();
			}
		}
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
	 * Wait in steps: while this process and the arbiter are frozen together, as in a
	 * paused container, only one step passes. {@link Duration#dividedBy(Duration)} would
	 * load the classes of decimal numbers in each JVM that starts.
	 */
	private static <T extends @Nullable Object> T await(FutureTask<T> task, Duration patience) throws IOException {
		for (long left = Math.max(1, patience.toMillis() / PATIENCE_STEP.toMillis()); left > 0; left--) {
			try {
				return task.get(PATIENCE_STEP.toMillis(), TimeUnit.MILLISECONDS);
			}
			catch (TimeoutException ex) {
				// Go on with the next step
			}
			catch (ExecutionException ex) {
				throw (ex.getCause() instanceof IOException cause) ? cause : new IOException(ex.getCause());
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new InterruptedIOException("Interrupted");
			}
		}
		throw new SocketTimeoutException("The arbiter has not answered within %d ms".formatted(patience.toMillis()));
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
				// Treat the arbiter as gone
			}
			finally {
				arbiterGone.run();
			}
		});
	}

	/**
	 * Do not delay the end of this JVM, which is near. Messages of the arbiter still
	 * arrive.
	 */
	public void endIsNear() {
		this.input.endIsNear();
	}

	/**
	 * Send a message without waiting for the arbiter.
	 * @param message the message
	 */
	public void send(Message message) {
		this.connection.send(message);
	}

	/**
	 * Wait until everything is sent, at most a second, before this process ends.
	 */
	public void flush() {
		this.connection.flush(FLUSH_LIMIT);
	}

}
