package dev.tomcorn.peer;

import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request on the peer channel. It describes its client's connection instead of the one
 * between the workers.
 */
final class ForwardedRequest extends Request {

	ForwardedRequest(Connector connector, org.apache.coyote.Request coyoteRequest) {
		super(connector, coyoteRequest);
	}

	/**
	 * Set the properties that Tomcat otherwise reads from the connection.
	 * @param remotePort port of the client, -1 if it is not known
	 * @param localAddress local address of the client's connection
	 * @param localName name of that address
	 * @param localPort local port of the client's connection, -1 if it is not known
	 */
	void restoreConnection(int remotePort, @Nullable String localAddress, @Nullable String localName, int localPort) {
		this.remotePort = remotePort;
		this.localPort = localPort;
		if (localAddress != null) {
			this.localAddr = localAddress;
		}
		if (localName != null) {
			this.localName = localName;
		}
	}

}
