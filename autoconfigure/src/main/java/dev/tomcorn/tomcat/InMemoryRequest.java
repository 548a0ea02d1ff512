package dev.tomcorn.tomcat;

import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;

/**
 * A request that the worker sends to its own application. It uses no connection and does
 * not count as traffic.
 */
final class InMemoryRequest extends Request {

	InMemoryRequest(Connector connector, org.apache.coyote.Request coyoteRequest) {
		super(connector, coyoteRequest);
	}

}
