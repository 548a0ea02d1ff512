package dev.tomcorn.registry;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.time.Duration;

import dev.tomcorn.core.scoreboard.FleetLocks;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * An instance in a service registry that the fleet's workers share. Each of them holds a
 * shared lock on the instance's id. A worker that gets the exclusive lock is the last
 * one. The kernel releases a shared lock when its worker ends, even by a kill.
 */
final class FleetInstance {

	private static final Log logger = LogFactory.getLog(FleetInstance.class);

	/**
	 * Longest wait for another worker that deregisters the instance. This worker
	 * registers it again afterwards.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final FleetRegistrations fleet;

	private final FleetLocks locks;

	private final String name;

	private @Nullable FileLock share;

	private @Nullable Runnable registration;

	private volatile boolean standsIn;

	/**
	 * Create the instance.
	 * @param fleet the worker's registrations
	 * @param locks the fleet's locks
	 * @param name name of the registry, and the id of the instance there
	 */
	FleetInstance(FleetRegistrations fleet, FleetLocks locks, String name) {
		this.fleet = fleet;
		this.locks = locks;
		this.name = name;
	}

	/**
	 * Share the instance from now on, so that no other worker is the last one.
	 */
	synchronized void join() {
		if (this.share != null) {
			return;
		}
		try {
			this.share = this.locks.awaitShare(this.name, PATIENCE);
		}
		catch (IOException ex) {
			logger.warn("Cannot lock " + this.name + ": another worker may deregister it while this one serves", ex);
		}
	}

	/**
	 * Register the instance: at once, or when this worker serves if others already do.
	 * @param newRegistration registers it
	 */
	synchronized void register(Runnable newRegistration) {
		if (this.fleet.isLeaving()) {
			return;
		}
		join();
		if (this.fleet.maySpeak()) {
			this.registration = null;
			this.standsIn = true;
			newRegistration.run();
		}
		else {
			this.registration = newRegistration;
		}
	}

	/**
	 * Register the instance if its registration waits for this worker to serve.
	 */
	synchronized void serve() {
		Runnable waiting = this.registration;
		if (waiting != null && !this.fleet.isLeaving()) {
			this.registration = null;
			this.standsIn = true;
			waiting.run();
		}
	}

	/**
	 * Return whether this worker has registered the instance and not deregistered it.
	 */
	boolean isOurs() {
		return this.standsIn;
	}

	/**
	 * Deregister the instance if this worker serves, because then the application wants
	 * it, or if this worker is the last one to share it.
	 * @param deregistration deregisters it; after a failure the call may be repeated
	 * @return whether this worker had to deregister it
	 */
	synchronized boolean deregister(Runnable deregistration) {
		this.registration = null;
		boolean deliberate = this.fleet.isServing();
		if (!deliberate && this.share == null) {
			return false;
		}
		this.standsIn = false;
		try {
			release(this.share);
			this.share = null;
			FileLock alone = this.locks.tryAlone(this.name);
			try {
				if (alone == null && !deliberate) {
					return false;
				}
				deregistration.run();
				return true;
			}
			catch (RuntimeException ex) {
				release(alone);
				alone = null;
				this.share = this.locks.tryShare(this.name);
				throw ex;
			}
			finally {
				release(alone);
			}
		}
		catch (IOException ex) {
			logger.warn("Cannot find out whether another worker shares %s: it stays registered".formatted(this.name),
					ex);
			return false;
		}
	}

	private static void release(@Nullable FileLock lock) throws IOException {
		if (lock != null) {
			lock.release();
		}
	}

}
