package dev.tomcorn.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import jakarta.servlet.http.HttpServletRequest;
import org.apache.tomcat.util.http.MimeHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a forwarded request that describe its client. Only the peer channel
 * trusts them. A client could send them too, so the worker that forwards its request
 * removes them.
 */
public final class OriginalClient {

	/**
	 * Start of the names of these headers, in lower case.
	 */
	public static final String PREFIX = "x-tomcorn-";

	/**
	 * Address of the client.
	 */
	private static final String REMOTE_ADDRESS = "X-Tomcorn-Remote-Address";

	/**
	 * Scheme that the client used.
	 */
	private static final String SCHEME = "X-Tomcorn-Scheme";

	/**
	 * Name of the server that the client asked for.
	 */
	private static final String SERVER_NAME = "X-Tomcorn-Server-Name";

	/**
	 * Port of the server that the client asked for.
	 */
	private static final String SERVER_PORT = "X-Tomcorn-Server-Port";

	/**
	 * Port of the client.
	 */
	private static final String REMOTE_PORT = "X-Tomcorn-Remote-Port";

	/**
	 * Local address of the client's connection.
	 */
	private static final String LOCAL_ADDRESS = "X-Tomcorn-Local-Address";

	/**
	 * Name of that address.
	 */
	private static final String LOCAL_NAME = "X-Tomcorn-Local-Name";

	/**
	 * Local port of the client's connection.
	 */
	private static final String LOCAL_PORT = "X-Tomcorn-Local-Port";

	private static final int MAX_PORT = 65_535;

	private OriginalClient() {
	}

	/**
	 * Return whether a request was forwarded for a client.
	 */
	static boolean isMarked(org.apache.coyote.Request coyote) {
		return coyote.getMimeHeaders().getHeader(REMOTE_ADDRESS) != null;
	}

	/**
	 * Restore a request to what it was in the worker that forwarded it. Must be called
	 * before Tomcat derives anything from the request.
	 */
	static void restore(org.apache.coyote.Request coyote, ForwardedRequest request) {
		MimeHeaders headers = coyote.getMimeHeaders();
		String address = take(headers, REMOTE_ADDRESS);
		if (address != null) {
			request.setRemoteAddr(address);
			request.setRemoteHost(address);
		}
		String scheme = take(headers, SCHEME);
		if (scheme != null) {
			coyote.scheme().setString(scheme);
		}
		String name = take(headers, SERVER_NAME);
		if (name != null) {
			coyote.serverName().setString(name);
		}
		coyote.setServerPort(port(take(headers, SERVER_PORT)));
		TlsAttributes.restore(headers, coyote);
		request.restoreConnection(port(take(headers, REMOTE_PORT)), take(headers, LOCAL_ADDRESS),
				take(headers, LOCAL_NAME), port(take(headers, LOCAL_PORT)));
	}

	/**
	 * Return the headers that describe a request's client.
	 * @param request the request as its client sent it
	 * @return names and values
	 */
	public static List<Map.Entry<String, String>> headers(HttpServletRequest request) {
		List<Map.Entry<String, String>> headers = new ArrayList<>();
		headers.add(Map.entry(REMOTE_ADDRESS, request.getRemoteAddr()));
		headers.add(Map.entry(REMOTE_PORT, Integer.toString(request.getRemotePort())));
		headers.add(Map.entry(SCHEME, request.getScheme()));
		headers.add(Map.entry(SERVER_NAME, request.getServerName()));
		headers.add(Map.entry(SERVER_PORT, Integer.toString(request.getServerPort())));
		add(headers, LOCAL_ADDRESS, request.getLocalAddr());
		add(headers, LOCAL_NAME, request.getLocalName());
		headers.add(Map.entry(LOCAL_PORT, Integer.toString(request.getLocalPort())));
		headers.addAll(TlsAttributes.headers(request));
		return headers;
	}

	private static void add(List<Map.Entry<String, String>> headers, String name, @Nullable String value) {
		if (value != null) {
			headers.add(Map.entry(name, value));
		}
	}

	static @Nullable String take(MimeHeaders headers, String name) {
		String value = headers.getHeader(name);
		headers.removeHeader(name);
		return value;
	}

	/**
	 * Return the port, or -1, which Tomcat replaces by the scheme's default.
	 */
	private static int port(@Nullable String text) {
		try {
			int port = (text != null) ? Integer.parseInt(text) : -1;
			return (port > 0 && port <= MAX_PORT) ? port : -1;
		}
		catch (NumberFormatException ex) {
			return -1;
		}
	}

}
