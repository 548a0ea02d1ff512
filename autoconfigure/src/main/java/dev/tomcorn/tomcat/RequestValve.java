package dev.tomcorn.tomcat;

import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Counts requests in and out, asynchronous ones until they complete, and lets no more run
 * at once than the worker class allows. An asynchronous request runs only while a thread
 * works on it.
 */
public final class RequestValve extends ValveBase {

	private final WorkerSlot slot;

	private final Semaphore permits;

	/**
	 * Create the valve.
	 * @param slot where to count
	 * @param concurrency how many requests may run at once
	 */
	public RequestValve(WorkerSlot slot, int concurrency) {
		super(true);
		this.slot = slot;
		this.permits = new Semaphore(concurrency);
	}

	@Override
	public void invoke(Request request, Response response) throws IOException, ServletException {
		if (request.isAsync()) {
			// Another dispatch of a request that was counted in before
			run(request, response);
			return;
		}
		this.slot.requestBegan();
		boolean continues = false;
		try {
			run(request, response);
		}
		finally {
			if (request.isAsync()) {
				request.getAsyncContextInternal().addListener(new Completion());
				continues = true;
			}
			if (!continues) {
				this.slot.requestEnded();
			}
		}
	}

	private void run(Request request, Response response) throws IOException, ServletException {
		if (!this.permits.tryAcquire()) {
			this.slot.addWaitingRequests(1);
			this.permits.acquireUninterruptibly();
			this.slot.addWaitingRequests(-1);
		}
		try {
			getNext().invoke(request, response);
		}
		finally {
			this.permits.release();
		}
	}

	/**
	 * Counts an asynchronous request out.
	 */
	private final class Completion implements AsyncListener {

		private final AtomicBoolean complete = new AtomicBoolean();

		@Override
		public void onComplete(AsyncEvent event) {
			// Tomcat tells it twice when a dispatch fails
			if (this.complete.compareAndSet(false, true)) {
				RequestValve.this.slot.requestEnded();
			}
		}

		@Override
		public void onTimeout(AsyncEvent event) {
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
