package dev.tomcorn.peer;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.CoyoteAdapter;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.jspecify.annotations.Nullable;

/**
 * Handles requests from the peer channel. It answers commands itself, before any context,
 * valve or access log. All other requests go to Tomcat's pipeline. A forwarded client
 * request is never a command, whatever its path.
 */
final class PeerAdapter extends CoyoteAdapter {

	static final String COMMANDS = "/.tomcorn/";

	private static final Log logger = LogFactory.getLog(PeerAdapter.class);

	private final Function<String, Optional<PeerCommand>> commands;

	private final Semaphore forwarded = new Semaphore(PeerConnector.MAX_FORWARDED);

	PeerAdapter(Connector connector, Function<String, Optional<PeerCommand>> commands) {
		super(connector);
		this.commands = commands;
	}

	@Override
	public void service(Request request, Response response) throws Exception {
		String path = request.requestURI().toString();
		if (path == null || !path.startsWith(COMMANDS) || OriginalClient.isMarked(request)) {
			forwarded(request, response);
			return;
		}
		PeerCommand command = this.commands.apply(path.substring(COMMANDS.length())).orElse(null);
		if (command == null) {
			send(response, HttpServletResponse.SC_NOT_FOUND, "Unknown command " + path);
			return;
		}
		answer(request, response, command);
	}

	/**
	 * Reserve some threads for commands: other workers need answers above all from a
	 * worker whose endpoints hang.
	 */
	private void forwarded(Request request, Response response) throws Exception {
		if (!this.forwarded.tryAcquire()) {
			send(response, HttpServletResponse.SC_SERVICE_UNAVAILABLE,
					"This worker already runs %d forwarded requests, which is the limit"
						.formatted(PeerConnector.MAX_FORWARDED));
			return;
		}
		try {
			super.service(request, response);
		}
		finally {
			this.forwarded.release();
		}
	}

	private static void answer(Request request, Response response, PeerCommand command) throws IOException {
		byte[] answer;
		try {
			answer = command.answer(parameters(request.queryString().toString()));
		}
		catch (IllegalArgumentException ex) {
			send(response, HttpServletResponse.SC_BAD_REQUEST, String.valueOf(ex.getMessage()));
			return;
		}
		catch (Exception ex) {
			logger.warn("Command '" + command.name() + "' of another worker failed", ex);
			send(response, HttpServletResponse.SC_INTERNAL_SERVER_ERROR, ex.toString());
			return;
		}
		send(response, HttpServletResponse.SC_OK, answer);
	}

	static Map<String, String> parameters(@Nullable String query) {
		Map<String, String> parameters = new LinkedHashMap<>();
		if (query != null && !query.isEmpty()) {
			for (String pair : query.split("&")) {
				int separator = pair.indexOf('=');
				if (separator > 0) {
					parameters.put(URLDecoder.decode(pair.substring(0, separator), StandardCharsets.UTF_8),
							URLDecoder.decode(pair.substring(separator + 1), StandardCharsets.UTF_8));
				}
			}
		}
		return parameters;
	}

	private static void send(Response response, int status, String text) throws IOException {
		send(response, status, text.getBytes(StandardCharsets.UTF_8));
	}

	private static void send(Response response, int status, byte[] body) throws IOException {
		response.setStatus(status);
		response.setContentLength(body.length);
		if (body.length > 0) {
			response.doWrite(ByteBuffer.wrap(body));
		}
		response.action(ActionCode.CLOSE, null);
	}

	@Override
	protected boolean postParseRequest(Request coyoteRequest, org.apache.catalina.connector.Request request,
			Response coyoteResponse, org.apache.catalina.connector.Response response)
			throws IOException, ServletException {
		OriginalClient.restore(coyoteRequest, (ForwardedRequest) request);
		return super.postParseRequest(coyoteRequest, request, coyoteResponse, response);
	}

}
