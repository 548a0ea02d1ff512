package dev.tomcorn.tomcat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;

import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;

/**
 * A connection of TCP or of a Unix domain socket, whose peer has no address: as in
 * Tomcat's own endpoint for such sockets it appears as 127.0.0.1, which is what a proxy
 * on this machine would have, and what {@code X-Forwarded-*} is believed from.
 */
class TomcornConnection extends NioSocketWrapper {

	private static final String LOCAL_ADDRESS = "127.0.0.1";

	private static final String LOCAL_NAME = "localhost";

	/**
	 * Create a connection and prepare its socket.
	 * @param channel the channel, which may have had another connection before
	 * @param socket the socket
	 * @param endpoint what has taken it
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
	 * Return whether a connection is one of a Unix domain socket.
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
