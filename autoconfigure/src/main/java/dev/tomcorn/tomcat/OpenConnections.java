package dev.tomcorn.tomcat;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import org.apache.coyote.Processor;
import org.apache.coyote.UpgradeToken;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * The open connections of a worker that drains. Each is closed as its protocol requires.
 * <ul>
 * <li>HTTP/1.1: the responses to requests in flight announce the close
 * ({@link TomcornProcessor}). Connections without a request are closed, and those that
 * have sent only a part of a header for a while.</li>
 * <li>HTTP/2: first a GOAWAY that keeps all streams, then, when the connection is idle,
 * the final GOAWAY and the close.</li>
 * <li>WebSocket and other upgraded connections: they receive the event that the server
 * stops, which closes a WebSocket with 1001. They are closed if the client does not
 * react.</li>
 * </ul>
 */
final class OpenConnections {

	private static final Set<String> HTTP2 = Set.of("h2", "h2c");

	private final TomcornEndpoint endpoint;

	/**
	 * When multiplexed and upgraded connections got the announcement.
	 */
	private final Map<SocketWrapperBase<NioChannel>, Long> told = new ConcurrentHashMap<>();

	private final Set<SocketWrapperBase<NioChannel>> closing = ConcurrentHashMap.newKeySet();

	OpenConnections(TomcornEndpoint endpoint) {
		this.endpoint = endpoint;
	}

	void windDown(Duration patience) {
		for (SocketWrapperBase<NioChannel> connection : this.endpoint.getConnections()) {
			if (connection instanceof NioSocketWrapper wrapper) {
				windDown(wrapper, patience);
			}
		}
	}

	private void windDown(NioSocketWrapper connection, Duration patience) {
		if (connection.getCurrentProcessor() instanceof Processor processor) {
			UpgradeToken token = processor.isUpgrade() ? processor.getUpgradeToken() : null;
			if (token != null) {
				windDown(connection, processor, HTTP2.contains(token.protocol()), patience);
			}
			else if (processor instanceof TomcornProcessor http11 && http11.lacksHeader(patience)) {
				closeUnlessInUse(connection,
						() -> connection.getCurrentProcessor() == http11 && http11.lacksHeader(patience));
			}
			// Else a request is in flight
		}
		else if (isIdle(connection, patience)) {
			closeIfSilent(connection);
		}
	}

	/**
	 * Close a connection that carries no request, unless one arrives.
	 * @return whether it is closed
	 */
	static boolean closeIfSilent(NioSocketWrapper connection) {
		return closeUnlessInUse(connection,
				() -> connection.getCurrentProcessor() == null && !hasArrived(connection.getSocket().getIOChannel()));
	}

	private void windDown(NioSocketWrapper connection, Processor processor, boolean http2, Duration patience) {
		long now = System.nanoTime();
		Long toldAt = this.told.putIfAbsent(connection, now);
		if (toldAt == null) {
			if (http2) {
				// A client that reads nothing blocks the thread that writes to it
				Thread.ofVirtual().name("tomcorn-goaway").start(processor::pause);
			}
			else {
				this.endpoint.processSocket(connection, SocketEvent.STOP, true);
			}
		}
		else if (now - toldAt >= patience.toNanos() && isIdle(connection, patience) && (!http2 || noRequests())
				&& this.closing.add(connection)) {
			this.endpoint.processSocket(connection, http2 ? SocketEvent.TIMEOUT : SocketEvent.DISCONNECT, true);
		}
	}

	/**
	 * The counts do not show which connection a stream belongs to.
	 */
	private boolean noRequests() {
		return this.endpoint.slot().activeRequests() == 0 && this.endpoint.busy() == 0;
	}

	/**
	 * Close a connection that carries no request. A thread that processes the connection
	 * holds its lock. A thread that comes later finds the connection closed.
	 * @return whether it is closed
	 */
	private static boolean closeUnlessInUse(NioSocketWrapper connection, BooleanSupplier unused) {
		ReentrantLock lock = connection.getLock();
		if (!lock.tryLock()) {
			return false;
		}
		try {
			if (!connection.isClosed() && unused.getAsBoolean()) {
				connection.close();
			}
			return connection.isClosed();
		}
		finally {
			lock.unlock();
		}
	}

	/**
	 * Return whether bytes wait to be read, without reading them: the poller must still
	 * see them.
	 */
	static boolean hasArrived(SocketChannel connection) {
		try {
			return Channels.newInputStream(connection).available() > 0;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static boolean isIdle(NioSocketWrapper connection, Duration patience) {
		long last = Math.max(connection.getLastRead(), connection.getLastWrite());
		return System.currentTimeMillis() - last >= patience.toMillis();
	}

}
