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
 * Tomcat's HTTP/1.1 processor, which knows whether its client has sent further requests
 * behind the one at hand.
 */
final class TomcornProcessor extends Http11Processor {

	/**
	 * The processor that runs a request on the current thread.
	 */
	private static final ScopedValue<TomcornProcessor> CURRENT = ScopedValue.newInstance();

	/**
	 * A client that never lets the pipe run dry must not hold up the drain.
	 */
	private static final int MAX_PIPELINED = 1000;

	private static final String H2C = "h2c";

	private final TomcornProtocol http11;

	private int pipelined;

	private volatile @Nullable PartOfHeader header;

	/**
	 * A part of a request's header.
	 *
	 * @param connection what it came on: Tomcat uses a processor for many
	 * @param since when it came
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
	 * Return whether only a part of a request's header has come, for some time already.
	 * That is no request yet.
	 * @param patience how long it may take
	 */
	boolean lacksHeader(Duration patience) {
		PartOfHeader part = this.header;
		return part != null && System.nanoTime() - part.since() >= patience.toNanos();
	}

	/**
	 * Return whether the request at hand on the current thread is to be the last of its
	 * connection when the worker drains.
	 */
	static boolean isLastOnConnection() {
		return !CURRENT.isBound() || CURRENT.get().isLast();
	}

	/**
	 * Return whether the request at hand on the current thread wants its connection to
	 * become another one, such as a WebSocket.
	 */
	static boolean isUpgradeAtHand() {
		return CURRENT.isBound() && CURRENT.get().wantsUpgrade();
	}

	/**
	 * Clients offer h2c also to servers without HTTP/2.
	 */
	private boolean wantsUpgrade() {
		String upgrade = this.request.getHeader("Upgrade");
		return upgrade != null && (!H2C.equalsIgnoreCase(upgrade) || this.http11.getUpgradeProtocol(H2C) != null);
	}

	/**
	 * Called with the headers parsed and the body, if any, yet to be read.
	 */
	private boolean isLast() {
		if (wantsUpgrade()) {
			// What the connection becomes has its own way to end
			return false;
		}
		if (this.request.getHeader("Transfer-Encoding") != null) {
			return true;
		}
		return !requestBehind() || ++this.pipelined > MAX_PIPELINED;
	}

	/**
	 * Return the connection of the request at hand, which another thread may end.
	 */
	@Nullable SocketWrapperBase<?> connection() {
		return getSocketWrapper();
	}

	/**
	 * Close the connection of an asynchronous answer that is on its way and will not be
	 * finished: it must not end as if it were complete. The application learns that as it
	 * does when a client has gone.
	 */
	void cut() {
		SocketWrapperBase<?> connection = getSocketWrapper();
		if (connection == null || !isAsync() || !this.response.isCommitted()) {
			return;
		}
		connection.setError(new ClosedChannelException());
		// Not when a thread runs the request, which finds the connection closed
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
			// Nothing comes any more
			return false;
		}
	}

}
