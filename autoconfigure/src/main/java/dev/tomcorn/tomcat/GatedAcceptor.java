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
 * Takes connections on a thread of its own, each after its turn at the gate. What the
 * endpoint does not hand over to another thread is served here as well.
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
	 * Whether the thread is beyond the gate with a connection that it may have taken.
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
	 * Take a connection, or find that none may be taken.
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
	 * Return once a thread that was beyond the gate when it closed has handed over what
	 * it took. One that waits before the gate takes nothing any more.
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
	 * Interrupt what is being served, as Tomcat does with the threads of its pool when it
	 * stops. A request that stops the application itself goes on.
	 * @param waitMilliseconds how long to wait for its end
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
