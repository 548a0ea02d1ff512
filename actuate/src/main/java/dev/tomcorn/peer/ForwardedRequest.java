package dev.tomcorn.peer;

import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request on the peer channel. It tells of its client's connection, and not of the one
 * between the workers.
 */
final class ForwardedRequest extends Request {

	ForwardedRequest(Connector connector, org.apache.coyote.Request coyoteRequest) {
		super(connector, coyoteRequest);
	}

	/**
	 * Set what Tomcat asks the connection for otherwise.
	 * @param remotePort port of the client, -1 if it is not known
	 * @param localAddress address at which the client's connection has arrived
	 * @param localName name of that address
	 * @param localPort port at which the client's connection has arrived, -1 if it is not
	 * known
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
