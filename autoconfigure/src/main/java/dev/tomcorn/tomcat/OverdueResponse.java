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
 * Answers for a request whose time has passed, whatever the application made of its
 * interrupt, unless a part of the application's answer is on its way already. This valve
 * belongs to the context, since the host renders error pages.
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
			// Tomcat leaves it to the error that was there before, if the dispatch failed
			request.getAsyncContextInternal().fireOnComplete();
		}
	}

	/**
	 * Replace what the application has answered, if the request's time has passed and
	 * nothing was sent. One that goes on asynchronously is left to its timeout.
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
	 * Write the answer, unless something was sent.
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
