package dev.tomcorn.tomcat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Executor;

import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.CoyoteAdapter;
import org.apache.catalina.connector.Response;
import org.apache.coyote.Request;
import org.apache.tomcat.util.buf.MessageBytes;

/**
 * Sends requests to the application that a connector belongs to, without a connection.
 * They go through the connector's adapter and all valves, filters and servlets, like an
 * encrypted request from this machine. They do not count as traffic: Tomcorn does not
 * count or limit them, and no drain waits for them.
 */
final class InMemoryRequests {

	private static final String LOOPBACK = "127.0.0.1";

	private static final String LOCALHOST = "localhost";

	/**
	 * The connector or a proxy may do the encryption. An application without TLS ignores
	 * the scheme.
	 */
	private static final String SCHEME = "https";

	private final Connector connector;

	/**
	 * Create a sender.
	 * @param connector the connector, already started
	 */
	InMemoryRequests(Connector connector) {
		this.connector = connector;
	}

	/**
	 * Send a GET request, run it on this thread, and wait for the end of its response.
	 * @param target path and query, encoded
	 * @param headers names and values of headers
	 * @param attributes names and values of request attributes
	 * @param executor runs what goes on after the request has become asynchronous
	 * @return the status of the response
	 * @throws InterruptedException if this thread is interrupted while the request goes
	 * on asynchronously; the request then times out
	 */
	int get(String target, Map<String, String> headers, Map<String, Object> attributes, Executor executor)
			throws InterruptedException {
		InMemoryExchange exchange = new InMemoryExchange(this.connector.getProtocolHandler().getAdapter(), executor);
		Request request = exchange.getRequest();
		request.setMethod("GET");
		int query = target.indexOf('?');
		set(request.requestURI(), (query < 0) ? target : target.substring(0, query));
		if (query >= 0) {
			set(request.queryString(), target.substring(query + 1));
		}
		request.protocol().setString("HTTP/1.1");
		request.scheme().setString(SCHEME);
		request.serverName().setString(LOCALHOST);
		request.remoteAddr().setString(LOOPBACK);
		request.peerAddr().setString(LOOPBACK);
		request.remoteHost().setString(LOOPBACK);
		request.localAddr().setString(LOOPBACK);
		request.localName().setString(LOCALHOST);
		request.setLocalPort(Math.max(this.connector.getLocalPort(), 0));
		request.setSendfile(false);
		header(request, "Host", LOCALHOST);
		header(request, "Accept", "*/*");
		headers.forEach((name, value) -> header(request, name, value));
		attributes.forEach(request::setAttribute);
		link(exchange);
		return exchange.run();
	}

	private static void set(MessageBytes part, String text) {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		part.setBytes(bytes, 0, bytes.length);
	}

	private static void header(Request request, String name, String value) {
		request.getMimeHeaders().setValue(name).setString(value);
	}

	/**
	 * Link the two layers of request and response, as the adapter does for a new request.
	 */
	private void link(InMemoryExchange exchange) {
		InMemoryRequest request = new InMemoryRequest(this.connector, exchange.getRequest());
		Response response = this.connector.createResponse(exchange.response());
		request.setResponse(response);
		response.setRequest(request);
		exchange.getRequest().setNote(CoyoteAdapter.ADAPTER_NOTES, request);
		exchange.response().setNote(CoyoteAdapter.ADAPTER_NOTES, response);
	}

}
