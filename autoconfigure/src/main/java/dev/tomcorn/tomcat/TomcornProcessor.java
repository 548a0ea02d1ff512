package dev.tomcorn.tomcat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;

import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP/1.1 processor. It also knows whether the client has pipelined further
 * requests after the current one.
 */
final class TomcornProcessor extends Http11Processor {

	/**
	 * The processor that runs a request on the current thread.
	 */
	private static final ScopedValue<TomcornProcessor> CURRENT = ScopedValue.newInstance();

	/**
	 * Limit for a client that always pipelines another request: it must not delay the
	 * drain.
	 */
	private static final int MAX_PIPELINED = 1000;

	private static final String H2C = "h2c";

	private final TomcornProtocol http11;

	private int pipelined;

	private volatile @Nullable PartOfHeader header;

	/**
	 * A part of a request's header.
	 *
	 * @param connection its connection, since Tomcat uses a processor for many
	 * @param since when it arrived
	 */
	private record PartOfHeader(SocketWrapperBase<?> connection, long since) {

	}

	TomcornProcessor(TomcornProtocol protocol) {
		super(protocol, protocol.getAdapter());
		this.http11 = protocol;
	}

	@Override
	public SocketState service(SocketWrapperBase<?> connection) throws IOException {
		this.pipelined = 0;
		SocketState state = ScopedValue.where(CURRENT, this).call(() -> super.service(connection));
		if (state != SocketState.LONG || isAsync()) {
			this.header = null;
		}
		else if (this.header == null || this.header.connection() != connection) {
			this.header = new PartOfHeader(connection, System.nanoTime());
		}
		return state;
	}

	/**
	 * Return whether only a part of a request's header has arrived, for some time
	 * already. It does not count as a request yet.
	 * @param patience how long it may take
	 */
	boolean lacksHeader(Duration patience) {
		PartOfHeader part = this.header;
		return part != null && System.nanoTime() - part.since() >= patience.toNanos();
	}

	/**
	 * Return whether the request on the current thread is the last of its connection when
	 * the worker drains.
	 */
	static boolean isLastOnConnection() {
		return !CURRENT.isBound() || CURRENT.get().isLast();
	}

	/**
	 * Return whether the request on the current thread asks to upgrade its connection,
	 * for example to a WebSocket.
	 */
	static boolean isUpgradeAtHand() {
		return CURRENT.isBound() && CURRENT.get().wantsUpgrade();
	}

	/**
	 * Clients offer h2c to servers without HTTP/2 as well.
	 */
	private boolean wantsUpgrade() {
		String upgrade = this.request.getHeader("Upgrade");
		return upgrade != null && (!H2C.equalsIgnoreCase(upgrade) || this.http11.getUpgradeProtocol(H2C) != null);
	}

	/**
	 * Called when the headers are parsed and the body, if any, has not been read.
	 */
	private boolean isLast() {
		if (wantsUpgrade()) {
			// The upgraded connection is closed as its own protocol requires
			return false;
		}
		if (this.request.getHeader("Transfer-Encoding") != null) {
			return true;
		}
		return !requestBehind() || ++this.pipelined > MAX_PIPELINED;
	}

	/**
	 * Return the connection of the current request, which another thread may end.
	 */
	@Nullable SocketWrapperBase<?> connection() {
		return getSocketWrapper();
	}

	/**
	 * Close the connection of an asynchronous response that has begun and will not be
	 * finished, so that the client does not take it for complete. For the application, it
	 * looks as if the client had disconnected.
	 */
	void cut() {
		SocketWrapperBase<?> connection = getSocketWrapper();
		if (connection == null || !isAsync() || !this.response.isCommitted()) {
			return;
		}
		connection.setError(new ClosedChannelException());
		// A thread that runs the request holds the lock, and finds the connection closed
		if (connection.getLock().tryLock()) {
			try {
				connection.processSocket(SocketEvent.ERROR, false);
			}
			finally {
				connection.getLock().unlock();
			}
		}
		connection.close();
	}

	private boolean requestBehind() {
		long body = Math.max(0, this.request.getContentLengthLong());
		ByteBuffer rest = getLeftoverInput();
		int buffered = (rest != null) ? rest.remaining() : 0;
		if (buffered > body) {
			return true;
		}
		try {
			return body == 0 && this.socketWrapper.isReadyForRead();
		}
		catch (IOException ex) {
			// The connection is broken
			return false;
		}
	}

}
