package dev.tomcorn.tomcat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletConnection;
import org.apache.coyote.AbstractProcessor;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Adapter;
import org.apache.coyote.ContinueResponseTiming;
import org.apache.coyote.ErrorState;
import org.apache.coyote.InputBuffer;
import org.apache.coyote.OutputBuffer;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.buf.ByteChunk;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.apache.tomcat.util.net.DispatchType;
import org.apache.tomcat.util.net.ServletConnectionImpl;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * One request and its response without a connection. It works like Tomcat's processor for
 * an HTTP/2 stream. The request has no body, and the response body is discarded.
 */
final class InMemoryExchange extends AbstractProcessor {

	private static final Log log = LogFactory.getLog(InMemoryExchange.class);

	/**
	 * How often to check whether an asynchronous request times out.
	 */
	private static final Duration LOOK_INTERVAL = Duration.ofMillis(100);

	private final Executor executor;

	private final CountDownLatch ended = new CountDownLatch(1);

	/**
	 * Create an exchange.
	 * @param adapter adapter of the connector that appears to receive the request
	 * @param executor runs what goes on after the request has become asynchronous
	 */
	InMemoryExchange(Adapter adapter, Executor executor) {
		super(adapter, new Request(), new Response());
		this.executor = executor;
		this.request.setInputBuffer(new NoBody());
		this.response.setOutputBuffer(new DiscardingBuffer(this.response));
	}

	Response response() {
		return this.response;
	}

	/**
	 * Run the request on this thread, and wait for its end if it becomes asynchronous.
	 * @return the status of the response
	 * @throws InterruptedException if this thread is interrupted while it waits; the
	 * request then times out
	 */
	int run() throws InterruptedException {
		this.request.markStartTime();
		process(SocketEvent.OPEN_READ);
		try {
			while (!this.ended.await(LOOK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
				timeoutAsync(System.currentTimeMillis());
			}
		}
		catch (InterruptedException ex) {
			timeoutAsync(-1);
			throw ex;
		}
		return this.response.getStatus();
	}

	private void process(SocketEvent event) {
		try {
			synchronized (this) {
				if (this.ended.getCount() > 0 && process(null, event) == SocketState.CLOSED) {
					this.ended.countDown();
				}
			}
		}
		catch (IOException | RuntimeException | Error ex) {
			log.debug("A request without a connection has failed", ex);
			this.response.setStatus(500);
			this.ended.countDown();
		}
	}

	@Override
	protected SocketState service(SocketWrapperBase<?> socketWrapper) {
		try {
			this.adapter.service(this.request, this.response);
		}
		catch (Exception ex) {
			log.debug("A request without a connection has failed", ex);
			this.response.setStatus(500);
			setErrorState(ErrorState.CLOSE_NOW, ex);
		}
		if (!getErrorState().isError() && isAsync()) {
			return SocketState.LONG;
		}
		action(ActionCode.CLOSE, null);
		return SocketState.CLOSED;
	}

	@Override
	protected SocketState dispatchEndRequest() {
		return SocketState.CLOSED;
	}

	@Override
	protected void processSocketEvent(SocketEvent event, boolean dispatch) {
		if (event == SocketEvent.ERROR && this.request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) == null) {
			// Without this, Tomcat would ask the connection for the error
			this.request.setAttribute(RequestDispatcher.ERROR_EXCEPTION, new IOException("The request has failed"));
		}
		if (dispatch) {
			execute(() -> process(event));
		}
		else {
			process(event);
		}
	}

	@Override
	protected void execute(Runnable task) {
		this.executor.execute(task);
	}

	@Override
	protected void executeDispatches() {
		Iterator<DispatchType> dispatches = getIteratorAndClearDispatches();
		while (dispatches != null && dispatches.hasNext()) {
			process(dispatches.next().getSocketStatus());
		}
	}

	@Override
	protected void prepareResponse() {
		this.response.setCommitted(true);
	}

	@Override
	protected ServletConnection getServletConnection() {
		return new ServletConnectionImpl("in-memory", "HTTP/1.1", "", true);
	}

	@Override
	protected boolean isRequestBodyFullyRead() {
		return true;
	}

	@Override
	protected boolean isReadyForWrite() {
		return true;
	}

	@Override
	protected boolean isTrailerFieldsReady() {
		return true;
	}

	@Override
	protected boolean flushBufferedWrite() {
		return false;
	}

	@Override
	protected int available(boolean doRead) {
		return 0;
	}

	@Override
	protected void finishResponse() {
	}

	@Override
	protected void ack(ContinueResponseTiming continueResponseTiming) {
	}

	@Override
	protected void earlyHints() {
	}

	@Override
	protected void flush() {
	}

	@Override
	protected void setRequestBody(ByteChunk body) {
	}

	@Override
	protected void setSwallowResponse() {
	}

	@Override
	protected void disableSwallowRequest() {
	}

	@Override
	protected void registerReadInterest() {
	}

	@Override
	public void pause() {
	}

	@Override
	protected Log getLog() {
		return log;
	}

	private static final class NoBody implements InputBuffer {

		@Override
		public int doRead(ApplicationBufferHandler handler) {
			return -1;
		}

		@Override
		public int available() {
			return 0;
		}

	}

	private static final class DiscardingBuffer implements OutputBuffer {

		private final Response response;

		private long written;

		DiscardingBuffer(Response response) {
			this.response = response;
		}

		@Override
		public int doWrite(ByteBuffer chunk) {
			if (!this.response.isCommitted()) {
				this.response.action(ActionCode.COMMIT, null);
			}
			int length = chunk.remaining();
			chunk.position(chunk.limit());
			this.written += length;
			return length;
		}

		@Override
		public long getBytesWritten() {
			return this.written;
		}

	}

}
