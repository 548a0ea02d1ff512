package dev.tomcorn.tomcat;

import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.request.RequestInFlight;
import dev.tomcorn.request.RequestsInFlight;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.AsyncContextImpl;
import org.apache.catalina.valves.ValveBase;

/**
 * Counts requests in and out, asynchronous ones until they complete. Registers the
 * requests in flight, and limits how many run at once to what the worker class allows. An
 * asynchronous request runs only while a thread works on it.
 */
final class RequestValve extends ValveBase {

	private final WorkerSlot slot;

	private final RequestsInFlight requests;

	private final Semaphore permits;

	/**
	 * Create the valve.
	 * @param slot counts the requests
	 * @param requests the requests in flight
	 * @param concurrency how many requests may run at once
	 */
	RequestValve(WorkerSlot slot, RequestsInFlight requests, int concurrency) {
		super(true);
		this.slot = slot;
		this.requests = requests;
		this.permits = new Semaphore(concurrency);
	}

	@Override
	public void invoke(Request request, Response response) throws IOException, ServletException {
		if (request instanceof InMemoryRequest
				|| !(request.getConnector().getProtocolHandler() instanceof TomcornProtocol)) {
			// Sent by a worker: not traffic, so it does not wait for traffic
			getNext().invoke(request, response);
			return;
		}
		RequestInFlight before = OverdueResponse.entryOf(request);
		if (before != null && before.runsOn(Thread.currentThread())) {
			// A later valve, such as RewriteValve, has sent it through again
			getNext().invoke(request, response);
			return;
		}
		if (before != null && request.isAsync()) {
			// Another dispatch of a request that was counted in before
			dispatch(request, response, before);
			return;
		}
		this.slot.requestBegan();
		RequestInFlight entry = begin(request);
		boolean failed = true;
		try {
			run(request, response, entry);
			failed = false;
		}
		finally {
			boolean asynchronous = request.isAsync();
			if (asynchronous) {
				request.getAsyncContextInternal().addListener(new Completion(request, response, entry));
			}
			leave(request, entry);
			try {
				OverdueResponse.replace(request, response, entry);
			}
			finally {
				if (!asynchronous) {
					countOut(request, response, failed);
				}
			}
		}
	}

	private void countOut(Request request, Response response, boolean failed) {
		if (failed || response.getStatus() >= HttpServletResponse.SC_INTERNAL_SERVER_ERROR
				|| (response.isError() && request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) != null)) {
			this.slot.requestFailed();
			this.requests.memoryFailures()
				.failed(request.getMethod(), request.getRequestURI(),
						(Throwable) request.getAttribute(RequestDispatcher.ERROR_EXCEPTION));
		}
		this.slot.requestEnded();
	}

	private RequestInFlight begin(Request request) {
		Context context = request.getContext();
		RequestInFlight entry = this.requests.begin(request.getMethod(), request.getRequestURI(),
				(context != null) ? context.getPath() : "");
		OverdueResponse.attach(request, entry);
		return entry;
	}

	/**
	 * The time that a request waits for others to end does not count: it gets all of its
	 * time once it runs. But the wait has the same limit.
	 */
	private void run(Request request, Response response, RequestInFlight entry) throws IOException, ServletException {
		if (!this.permits.tryAcquire() && !await(entry)) {
			return;
		}
		try {
			getNext().invoke(request, response);
		}
		finally {
			this.permits.release();
		}
	}

	/**
	 * Wait for a permit.
	 * @return whether there is one; {@code false} if the time has passed
	 */
	private boolean await(RequestInFlight entry) {
		boolean permit = false;
		boolean foreignInterrupt = false;
		entry.waits();
		this.slot.addWaitingRequests(1);
		while (!permit && !entry.isOverdue()) {
			try {
				this.permits.acquire();
				permit = true;
			}
			catch (InterruptedException ex) {
				foreignInterrupt |= !entry.isOverdue();
			}
		}
		this.slot.addWaitingRequests(-1);
		if (foreignInterrupt) {
			Thread.currentThread().interrupt();
		}
		boolean runs = entry.runs();
		if (permit && !runs) {
			this.permits.release();
		}
		return runs;
	}

	private void dispatch(Request request, Response response, RequestInFlight entry)
			throws IOException, ServletException {
		if (!this.permits.tryAcquire()) {
			// Tomcat can only run a dispatch, not cancel it
			entry.suspend(null);
			this.slot.addWaitingRequests(1);
			this.permits.acquireUninterruptibly();
			this.slot.addWaitingRequests(-1);
		}
		entry.resume();
		try {
			getNext().invoke(request, response);
		}
		finally {
			this.permits.release();
			leave(request, entry);
		}
	}

	private static void leave(Request request, RequestInFlight entry) {
		if (request.isAsync()) {
			AsyncContextImpl context = request.getAsyncContextInternal();
			// Tomcat then calls the listeners, as it does when its own limit has passed
			entry.suspend(() -> context.setTimeout(1));
		}
		else {
			entry.end();
		}
	}

	/**
	 * Counts an asynchronous request out.
	 */
	private final class Completion implements AsyncListener {

		private final AtomicBoolean complete = new AtomicBoolean();

		private final Request request;

		private final Response response;

		private final RequestInFlight entry;

		Completion(Request request, Response response, RequestInFlight entry) {
			this.request = request;
			this.response = response;
			this.entry = entry;
		}

		@Override
		public void onComplete(AsyncEvent event) {
			// Tomcat calls this twice when a dispatch fails
			if (this.complete.compareAndSet(false, true)) {
				this.entry.end();
				countOut(this.request, this.response, false);
			}
		}

		/**
		 * Called after the application's listeners, which may have dispatched or
		 * completed the request.
		 */
		@Override
		public void onTimeout(AsyncEvent event) throws IOException {
			if (this.entry.isOverdue() && this.request.getAsyncContextInternal().isStarted()) {
				OverdueResponse.write(this.request, this.response);
				event.getAsyncContext().complete();
			}
		}

		@Override
		public void onError(AsyncEvent event) {
		}

		@Override
		public void onStartAsync(AsyncEvent event) {
			// A new cycle of the same request begins without listeners
			event.getAsyncContext().addListener(this);
		}

	}

}
