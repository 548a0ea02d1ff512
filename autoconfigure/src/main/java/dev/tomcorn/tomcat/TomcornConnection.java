package dev.tomcorn.tomcat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;

import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;

/**
 * A connection over TCP or a Unix domain socket. The peer of a Unix domain socket has no
 * address. As in Tomcat's own endpoint for such sockets it appears as 127.0.0.1, like a
 * proxy on this machine, so {@code X-Forwarded-*} headers are trusted.
 */
class TomcornConnection extends NioSocketWrapper {

	private static final String LOCAL_ADDRESS = "127.0.0.1";

	private static final String LOCAL_NAME = "localhost";

	/**
	 * Create a connection and prepare its socket.
	 * @param channel the channel, which another connection may have used before
	 * @param socket the socket
	 * @param endpoint the endpoint that has taken it
	 * @throws IOException if the socket cannot be prepared
	 */
	TomcornConnection(NioChannel channel, SocketChannel socket, TomcornEndpoint endpoint) throws IOException {
		super(channel, endpoint);
		channel.reset(socket, this);
		socket.configureBlocking(false);
		if (isUnix(socket)) {
			this.localAddr = LOCAL_ADDRESS;
			this.localName = LOCAL_NAME;
			this.localPort = 0;
			this.remoteAddr = LOCAL_ADDRESS;
			this.remoteHost = LOCAL_NAME;
			this.remotePort = 0;
		}
		else {
			endpoint.getSocketProperties().setProperties(socket.socket());
		}
		setReadTimeout(endpoint.getConnectionTimeout());
		setWriteTimeout(endpoint.getConnectionTimeout());
		setKeepAliveLeft(endpoint.getMaxKeepAliveRequests());
	}

	/**
	 * Return whether a connection uses a Unix domain socket.
	 */
	static boolean isUnix(SocketChannel socket) {
		try {
			return socket.getLocalAddress() instanceof UnixDomainSocketAddress;
		}
		catch (IOException ex) {
			// Closed already
			return false;
		}
	}

}
