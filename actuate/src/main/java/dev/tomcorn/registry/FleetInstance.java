package dev.tomcorn.registry;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.time.Duration;

import dev.tomcorn.core.scoreboard.FleetLocks;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * An instance in a service registry, as one of the workers that stand for it. Each of
 * them has a share of a lock that belongs to the instance's id. Who can take that lock
 * alone is the last one. The kernel takes a share back when its worker ends, however that
 * ends.
 */
final class FleetInstance {

	private static final Log logger = LogFactory.getLog(FleetInstance.class);

	/**
	 * What another worker may take to tell a registry that the instance is gone. Behind
	 * that, this worker registers it again.
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
	 * Stand for the instance from now on, so that no other worker is the last one.
	 */
	synchronized void join() {
		if (this.share != null) {
			return;
		}
		try {
			this.share = this.locks.awaitShare(this.name, PATIENCE);
		}
		catch (IOException ex) {
			logger.warn("Other workers do not know that this one stands for " + this.name, ex);
		}
	}

	/**
	 * Register the instance, at once or, while other workers serve and have registered
	 * it, when this one does.
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
	 * Register what could not be registered before this worker serves.
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
	 * Return whether this worker has registered the instance and stands for it.
	 */
	boolean isOurs() {
		return this.standsIn;
	}

	/**
	 * Deregister the instance if this worker serves, which makes it deliberate, or if it
	 * is the last one to stand for it.
	 * @param deregistration deregisters it; if it fails, it may be tried again
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
			logger.warn("Not known whether another worker stands for %s: it stays registered".formatted(this.name), ex);
			return false;
		}
	}

	private static void release(@Nullable FileLock lock) throws IOException {
		if (lock != null) {
			lock.release();
		}
	}

}
