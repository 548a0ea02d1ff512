package dev.tomcorn.tomcat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.tomcorn.tomcat.KernelSockets.Client;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * The asynchronous requests that go on without a thread in a worker that runs one request
 * at a time. Each of them fills the worker while its client is connected. Tomcat notices
 * that a client has disconnected only when it writes, so this class asks the kernel.
 */
final class AsynchronousRequests {

	private static final Log log = LogFactory.getLog(AsynchronousRequests.class);

	/**
	 * How long a request goes on after its client has closed its side of the connection.
	 * A few clients do so and then wait for the response.
	 */
	static final Duration FINISHED_CLIENT = Duration.ofSeconds(30);

	private static final int MAX_PATH_LENGTH = 500;

	private final Collection<Processor> waiting;

	private final Supplier<KernelSockets> kernel;

	private final Runnable whenFreed;

	private final LongSupplier nanoTime;

	/**
	 * Since when clients are missing, by connection. The key is not the processor, since
	 * Tomcat uses one for many requests.
	 */
	private final Map<SocketWrapperBase<?>, Long> missed = new ConcurrentHashMap<>();

	/**
	 * Connections whose request is being ended.
	 */
	private final Set<SocketWrapperBase<?>> ending = new HashSet<>();

	private final HeldUpConnections heldUp;

	/**
	 * Create the asynchronous requests of a worker.
	 * @param waiting processors that wait without a thread, for requests and for others
	 * @param kernel supplies the sockets of the worker's port
	 * @param whenFreed called when a request no longer fills the worker
	 * @param nanoTime the clock
	 */
	AsynchronousRequests(Collection<Processor> waiting, Supplier<KernelSockets> kernel, Runnable whenFreed,
			LongSupplier nanoTime) {
		this.waiting = waiting;
		this.kernel = kernel;
		this.whenFreed = whenFreed;
		this.nanoTime = nanoTime;
		this.heldUp = new HeldUpConnections(nanoTime);
	}

	/**
	 * Return how many requests fill the worker.
	 */
	int count() {
		return (int) present().count();
	}

	/**
	 * HTTP/2 always reads its connection, and itself ends the requests of a client that
	 * has disconnected.
	 */
	private Stream<Processor> present() {
		return this.waiting.stream()
			.filter(Processor::isAsync)
			.filter((processor) -> !(processor instanceof TomcornProcessor http11) || isPresent(http11.connection()));
	}

	private boolean isPresent(@Nullable SocketWrapperBase<?> connection) {
		return connection != null && !connection.isClosed() && !this.missed.containsKey(connection);
	}

	/**
	 * Check the clients. Called every second, by one thread at a time.
	 */
	void checkClients() {
		Set<SocketWrapperBase<?>> connections = new HashSet<>();
		for (Processor processor : this.waiting) {
			if (processor.isAsync() && processor instanceof TomcornProcessor http11
					&& http11.connection() instanceof SocketWrapperBase<?> connection) {
				connections.add(connection);
			}
		}
		this.missed.keySet().retainAll(connections);
		this.ending.retainAll(connections);
		if (connections.isEmpty()) {
			this.heldUp.update(false);
			return;
		}
		KernelSockets sockets = this.kernel.get();
		connections.forEach((connection) -> checkClients(connection, client(sockets, connection)));
		tellWhoHoldsUp(sockets.queued().orElse(0) > 0);
	}

	private static Client client(KernelSockets sockets, SocketWrapperBase<?> connection) {
		try {
			// A connection that was closed meanwhile has no channel
			SocketChannel channel = (connection.getSocket() instanceof NioChannel socket) ? socket.getIOChannel()
					: null;
			return (channel != null && channel.getRemoteAddress() instanceof InetSocketAddress remote)
					? sockets.client(remote) : Client.UNKNOWN;
		}
		catch (ClosedChannelException ex) {
			return Client.GONE;
		}
		catch (IOException ex) {
			return Client.UNKNOWN;
		}
	}

	private void checkClients(SocketWrapperBase<?> connection, Client client) {
		if (client == Client.PRESENT || client == Client.UNKNOWN) {
			this.missed.remove(connection);
			return;
		}
		long now = this.nanoTime.getAsLong();
		Long since = this.missed.putIfAbsent(connection, now);
		if (since == null) {
			this.whenFreed.run();
		}
		else if ((client == Client.GONE || now - since >= FINISHED_CLIENT.toNanos()) && this.ending.add(connection)) {
			// Missing at two checks, since the kernel's table may change while it is read
			connection.setError(new IOException("The client has closed the connection"));
			connection.processSocket(SocketEvent.ERROR, true);
		}
	}

	private void tellWhoHoldsUp(boolean connectionsWait) {
		Processor holder = connectionsWait ? present().findFirst().orElse(null) : null;
		if (this.heldUp.update(holder != null) && holder != null) {
			log.warn(("Connections have waited for %d s while the asynchronous request %s fills this worker, which runs"
					+ " one request at a time. If another request must complete it, both wait forever: set a"
					+ " timeout, or use the worker class gthread or gevent. This warning is logged once.")
				.formatted(HeldUpConnections.LONG.toSeconds(), describe(holder.getRequest())));
		}
	}

	private static String describe(Request request) {
		// Path parameters may hold a session ID
		String path = String.valueOf(request.requestURI()).split(";", 2)[0];
		return request.getMethod() + " " + path.substring(0, Math.min(path.length(), MAX_PATH_LENGTH));
	}

}
