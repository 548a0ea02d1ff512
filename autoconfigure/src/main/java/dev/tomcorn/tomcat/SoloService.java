package dev.tomcorn.tomcat;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

import dev.tomcorn.core.arbiter.ServiceManager;
import dev.tomcorn.core.arbiter.ServiceState;
import dev.tomcorn.core.arbiter.ServiceState.Stage;

import org.springframework.beans.factory.DisposableBean;

/**
 * Tells what supervises this process, such as systemd, how an application stands that
 * runs without an arbiter. While its virtual threads do not run, nothing is told, so that
 * a watchdog notices.
 */
final class SoloService implements DisposableBean {

	private static final Duration INTERVAL = Duration.ofMillis(250);

	private final ServiceManager serviceManager;

	private final Duration closeTimeout;

	private final Executor virtualThreads;

	private final AtomicBoolean probed = new AtomicBoolean(true);

	private volatile Status status;

	private volatile boolean ended;

	/**
	 * The state of the application as systemd gets it.
	 *
	 * @param stage which one
	 * @param until when it is over at the latest, as {@link System#nanoTime()} has it
	 * @param text how the application stands
	 */
	private record Status(Stage stage, long until, String text) {

		static Status of(Stage stage, Duration limit, String text) {
			return new Status(stage, System.nanoTime() + limit.toNanos(), text);
		}

		ServiceState state() {
			return new ServiceState(this.stage, null, Duration.ofNanos(Math.max(0, this.until - System.nanoTime())),
					this.text);
		}

	}

	/**
	 * Begin to tell of an application that starts.
	 * @param serviceManager what supervises this process
	 * @param bootTimeout what its start may take
	 * @param closeTimeout what its end may take
	 * @param virtualThreads runs a task on a virtual thread
	 */
	SoloService(ServiceManager serviceManager, Duration bootTimeout, Duration closeTimeout, Executor virtualThreads) {
		this.serviceManager = serviceManager;
		this.virtualThreads = virtualThreads;
		this.closeTimeout = closeTimeout;
		this.status = Status.of(Stage.STARTING, bootTimeout, "Starting");
	}

	/**
	 * Tell from now on, if there is anybody to tell.
	 */
	SoloService start() {
		if (this.serviceManager != ServiceManager.NONE) {
			Thread.ofPlatform().daemon().name("tomcorn-service").start(this::run);
		}
		return this;
	}

	private void run() {
		while (!this.ended) {
			report();
			LockSupport.parkNanos(INTERVAL.toNanos());
		}
	}

	/**
	 * Tell how the application stands, unless the last virtual thread has not run yet.
	 */
	void report() {
		if (this.probed.compareAndSet(true, false)) {
			turn();
			this.virtualThreads.execute(() -> this.probed.set(true));
		}
	}

	private synchronized void turn() {
		this.serviceManager.turn(this.status.state());
	}

	/**
	 * The application takes traffic.
	 */
	void serves() {
		enter(Status.of(Stage.SERVING, Duration.ZERO, "Serving in one process"));
	}

	/**
	 * The application begins to end.
	 */
	void stops() {
		enter(Status.of(Stage.STOPPING, this.closeTimeout, "Stopping"));
	}

	private void enter(Status next) {
		this.status = next;
		turn();
	}

	@Override
	public void destroy() {
		this.ended = true;
	}

}
