package dev.tomcorn.tomcat;

import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.ExceptionUtils;
import org.apache.tomcat.util.net.Acceptor;

/**
 * Takes connections on a thread of its own, each when the gate allows it. The thread also
 * serves the connections that the endpoint does not pass to another thread.
 */
final class GatedAcceptor extends Acceptor<SocketChannel> {

	private static final Log log = LogFactory.getLog(GatedAcceptor.class);

	private static final Duration FIRST_ERROR_DELAY = Duration.ofMillis(50);

	private static final Duration MAX_ERROR_DELAY = Duration.ofMillis(1600);

	private static final Duration PAUSE = Duration.ofMillis(10);

	private final TomcornEndpoint endpoint;

	private final CountDownLatch ended = new CountDownLatch(1);

	private final AcceptorThread thread;

	private volatile boolean stopped;

	/**
	 * Whether the thread has passed the gate and may have taken a connection.
	 */
	private volatile boolean passing;

	GatedAcceptor(TomcornEndpoint endpoint, String name) {
		super(endpoint);
		this.endpoint = endpoint;
		this.thread = new AcceptorThread(this, name, endpoint.getAcceptorThreadPriority(), endpoint.getDaemon());
	}

	void start() {
		this.thread.start();
	}

	boolean isServing() {
		return this.thread.isServing();
	}

	@Override
	public void run() {
		Duration errorDelay = Duration.ZERO;
		try {
			while (!this.stopped && !this.endpoint.gate().isClosed()) {
				this.state = this.endpoint.isPaused() ? AcceptorState.PAUSED : AcceptorState.RUNNING;
				if (this.state == AcceptorState.PAUSED) {
					LockSupport.parkNanos(PAUSE.toNanos());
					continue;
				}
				errorDelay = next() ? Duration.ZERO : delay(errorDelay);
			}
		}
		finally {
			this.state = AcceptorState.ENDED;
			this.ended.countDown();
			if (!this.stopped && !this.endpoint.gate().isClosed()) {
				this.endpoint.acceptorDied();
			}
		}
	}

	/**
	 * Take a connection if the gate allows one.
	 * @return {@code false} if taking one has failed
	 */
	private boolean next() {
		try {
			if (this.endpoint.awaitTurn()) {
				this.passing = true;
				Runnable connection = this.endpoint.takeNext();
				this.passing = false;
				if (connection != null) {
					this.thread.serve(connection);
				}
			}
			return true;
		}
		catch (ClosedChannelException ex) {
			return this.stopped || this.endpoint.gate().isClosed();
		}
		catch (Throwable ex) {
			ExceptionUtils.handleThrowable(ex);
			log.error("Cannot take a connection", ex);
			return false;
		}
		finally {
			this.passing = false;
		}
	}

	private static Duration delay(Duration previous) {
		Duration delay = previous.isZero() ? FIRST_ERROR_DELAY : previous.multipliedBy(2);
		delay = (delay.compareTo(MAX_ERROR_DELAY) < 0) ? delay : MAX_ERROR_DELAY;
		LockSupport.parkNanos(delay.toNanos());
		return delay;
	}

	/**
	 * Wait until a thread that had passed the gate before it closed has passed on its
	 * connection. A thread that still waits at the gate takes no connection any more.
	 */
	void awaitParked() {
		while (this.passing) {
			LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
		}
	}

	@Override
	public void stopMillis(int waitMilliseconds) {
		this.stopped = true;
		if (waitMilliseconds > 0 && !isServing() && !awaitEnd(waitMilliseconds) && !isServing()) {
			log.warn("The acceptor thread did not stop");
		}
	}

	/**
	 * Interrupt the request that this thread serves, as Tomcat interrupts the threads of
	 * its pool when it stops. A request that itself stops the application goes on.
	 * @param waitMilliseconds how long to wait for the end of the request
	 */
	void stopServing(long waitMilliseconds) {
		if (this.thread == Thread.currentThread()) {
			return;
		}
		this.thread.interrupt();
		if (waitMilliseconds > 0 && !awaitEnd(waitMilliseconds)) {
			log.warn("The request on thread %s did not end".formatted(this.thread.getName()));
		}
	}

	private boolean awaitEnd(long milliseconds) {
		try {
			return this.ended.await(milliseconds, TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

}
