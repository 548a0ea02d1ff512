package dev.tomcorn.fleet;

import org.apache.catalina.connector.Request;
import org.apache.tomcat.util.http.MimeHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The headers by which a worker that hands a request on tells who sent it and how. Only
 * the peer channel believes them. On its way in from anywhere else a request may carry
 * them too: whoever hands it on leaves those out.
 */
public final class OriginalClient {

	/**
	 * Start of the names of these headers, in lower case.
	 */
	public static final String PREFIX = "x-tomcorn-";

	/**
	 * Address of the client.
	 */
	public static final String REMOTE_ADDRESS = "X-Tomcorn-Remote-Address";

	/**
	 * Scheme that the client used.
	 */
	public static final String SCHEME = "X-Tomcorn-Scheme";

	/**
	 * Name of the server that the client asked for.
	 */
	public static final String SERVER_NAME = "X-Tomcorn-Server-Name";

	/**
	 * Port of the server that the client asked for.
	 */
	public static final String SERVER_PORT = "X-Tomcorn-Server-Port";

	private static final int MAX_PORT = 65_535;

	private OriginalClient() {
	}

	/**
	 * Return whether a request was handed on for a client.
	 */
	static boolean isMarked(org.apache.coyote.Request coyote) {
		return coyote.getMimeHeaders().getHeader(REMOTE_ADDRESS) != null;
	}

	/**
	 * Make a request look as it did to the worker that handed it on. Comes before Tomcat
	 * derives anything from it.
	 */
	static void restore(org.apache.coyote.Request coyote, Request request) {
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
	}

	private static @Nullable String take(MimeHeaders headers, String name) {
		String value = headers.getHeader(name);
		headers.removeHeader(name);
		return value;
	}

	/**
	 * Return the port, or -1, which Tomcat replaces by that of the scheme.
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
