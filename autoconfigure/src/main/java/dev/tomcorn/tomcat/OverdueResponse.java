package dev.tomcorn.tomcat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import dev.tomcorn.request.RequestInFlight;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.jspecify.annotations.Nullable;

/**
 * Sends the response for a request that has exceeded its time limit, however the
 * application handled the interrupt. If a part of the application's response has been
 * sent, that response stays. The valve belongs to the context, since the host renders
 * error pages.
 */
final class OverdueResponse extends ValveBase {

	private static final String ENTRY = RequestInFlight.class.getName();

	private static final byte[] TEXT = "The request took longer than it may\n".getBytes(StandardCharsets.UTF_8);

	/**
	 * Create the valve.
	 */
	OverdueResponse() {
		super(true);
	}

	static void attach(Request request, RequestInFlight entry) {
		request.setNote(ENTRY, entry);
	}

	static @Nullable RequestInFlight entryOf(Request request) {
		return (RequestInFlight) request.getNote(ENTRY);
	}

	@Override
	public void invoke(Request request, Response response) throws IOException, ServletException {
		RequestInFlight entry = entryOf(request);
		if (entry == null) {
			getNext().invoke(request, response);
			return;
		}
		boolean dispatched = request.isAsync();
		try {
			getNext().invoke(request, response);
		}
		catch (IOException | ServletException | RuntimeException ex) {
			if (!replace(request, response, entry)) {
				throw ex;
			}
		}
		replace(request, response, entry);
		if (dispatched && entry.isOverdue() && !request.isAsync() && !response.isError() && !entry.hasEnded()) {
			// For a failed dispatch, Tomcat relies on the error that is cleared here
			request.getAsyncContextInternal().fireOnComplete();
		}
	}

	/**
	 * Replace the application's response if the request is overdue and nothing has been
	 * sent. A request that goes on asynchronously is left to its timeout.
	 * @return whether it was replaced
	 */
	static boolean replace(Request request, Response response, RequestInFlight entry) throws IOException {
		if (!entry.isOverdue()) {
			return false;
		}
		entry.leave();
		return !request.isAsync() && write(request, response);
	}

	/**
	 * Write the response, unless something has been sent.
	 * @return whether it was written
	 */
	static boolean write(Request request, Response response) throws IOException {
		if (response.isCommitted()) {
			return false;
		}
		request.removeAttribute(RequestDispatcher.ERROR_EXCEPTION);
		response.setSuspended(false);
		response.setAppCommitted(false);
		response.reset();
		response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
		response.setContentType("text/plain;charset=UTF-8");
		response.setContentLength(TEXT.length);
		response.getOutputStream().write(TEXT);
		return true;
	}

}
