package dev.tomcorn.core.control;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Operation;

/**
 * One operation that an operator requests from an arbiter. The caller waits no longer
 * than its limits, whatever the arbiter does.
 */
public final class OperatorCall {

	private static final long NUMBER = 1;

	private final CompletableFuture<Boolean> welcome = new CompletableFuture<>();

	private final CompletableFuture<Answer> answer = new CompletableFuture<>();

	private final Path socket;

	private final Operation operation;

	private OperatorCall(Path socket, Operation operation) {
		this.socket = socket;
		this.operation = operation;
	}

	/**
	 * Ask an arbiter for an operation and wait for the answer.
	 * @param socket path of the arbiter's control socket
	 * @param operation the operation
	 * @param patience longest time until the arbiter shows that it listens
	 * @param limit longest time from then to the answer
	 * @return the answer
	 * @throws IOException if the arbiter cannot be reached, does not listen, or ends the
	 * connection without an answer
	 * @throws TimeoutException if there is no answer in time; the operation may still
	 * happen
	 * @throws InterruptedException if the thread is interrupted
	 */
	public static Answer ask(Path socket, Operation operation, Duration patience, Duration limit)
			throws IOException, TimeoutException, InterruptedException {
		return new OperatorCall(socket, operation).ask(patience, limit);
	}

	private Answer ask(Duration patience, Duration limit) throws IOException, TimeoutException, InterruptedException {
		try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
			// Connecting may take forever too: a frozen arbiter accepts no connection
			Thread.ofPlatform().daemon().name("tomcorn-operator").start(() -> converse(channel));
			await(this.welcome, patience, true);
			return await(this.answer, limit, false);
		}
	}

	private static <T> T await(CompletableFuture<T> future, Duration limit, boolean first)
			throws IOException, TimeoutException, InterruptedException {
		try {
			return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (ExecutionException ex) {
			Throwable cause = ex.getCause();
			throw new IOException((cause != null) ? cause.getMessage() : null, cause);
		}
		catch (TimeoutException ex) {
			String message = String.format(Locale.ROOT, "no answer within %.1f s", limit.toMillis() / 1000.0);
			if (first) {
				throw new IOException(message, ex);
			}
			throw new TimeoutException(message);
		}
	}

	private void converse(SocketChannel channel) {
		try {
			channel.connect(UnixDomainSocketAddress.of(this.socket));
			try (ControlConnection connection = new ControlConnection(channel)) {
				connection.send(new Message.Operator());
				Message message;
				while ((message = connection.receive()) != null) {
					heard(message, connection);
				}
			}
			throw new IOException("the connection was ended without an answer");
		}
		catch (IOException | RuntimeException | OutOfMemoryError ex) {
			this.welcome.completeExceptionally(ex);
			this.answer.completeExceptionally(ex);
		}
	}

	private void heard(Message message, ControlConnection connection) throws IOException {
		if (message instanceof Message.Welcome) {
			connection.send(new Message.Request(NUMBER, this.operation));
			this.welcome.complete(true);
		}
		else if (message instanceof Message.Reply(long number, Answer reply)
				&& (number == NUMBER || number == Operators.ANY_REQUEST)) {
			this.answer.complete(reply);
			this.welcome.complete(true);
		}
		else {
			throw new IOException("Unexpected " + message.getClass().getSimpleName());
		}
	}

}
