package dev.tomcorn.launch;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.channels.FileLock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import dev.tomcorn.core.scoreboard.FleetLocks;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplicationShutdownHandlers;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;

/**
 * The services that Boot's support for Docker Compose has started. They belong to the
 * fleet, and its last worker stops them. Each worker holds a shared lock. A worker that
 * gets this lock exclusively is the last one. A second shared lock records that the fleet
 * has started the services. It is held by the workers that know this, so the record
 * exists while one of them lives.
 */
final class ComposeServices {

	private static final Log logger = LogFactory.getLog(ComposeServices.class);

	private static final String LISTENER = "org.springframework.boot.docker.compose.lifecycle.DockerComposeListener";

	private static final String USE = "docker-compose";

	private static final String STARTED = "docker-compose, started by the fleet";

	/**
	 * Longest time for the last worker of a previous fleet to stop the services.
	 */
	private static final Duration PATIENCE = Duration.ofMinutes(1);

	/**
	 * More than the time for which a worker that only asks holds the second lock.
	 */
	private static final Duration QUESTION = Duration.ofSeconds(1);

	private static final Duration INTERVAL = Duration.ofMillis(20);

	private static final int ATTEMPTS = 3;

	private final Supplier<SpringApplicationShutdownHandlers> handlers;

	private @Nullable FleetLocks locks;

	private @Nullable FileLock use;

	private @Nullable FileLock started;

	private @Nullable Runnable stop;

	private ComposeServices(Supplier<SpringApplicationShutdownHandlers> handlers) {
		this.handlers = handlers;
	}

	/**
	 * Replace the listener of Boot's support, before it gets any event, by one that
	 * registers its shutdown handler here.
	 * @param application the application
	 * @return its services, or {@code null} if it has no such support
	 */
	static @Nullable ComposeServices of(SpringApplication application) {
		return of(application, SpringApplication::getShutdownHandlers);
	}

	static @Nullable ComposeServices of(SpringApplication application,
			Supplier<SpringApplicationShutdownHandlers> handlers) {
		ComposeServices services = new ComposeServices(handlers);
		Set<ApplicationListener<?>> listeners = new LinkedHashSet<>();
		boolean found = false;
		for (ApplicationListener<?> listener : application.getListeners()) {
			ApplicationListener<?> other = listener.getClass().getName().equals(LISTENER) ? services.before(listener)
					: null;
			found |= other != null;
			listeners.add((other != null) ? other : listener);
		}
		if (!found) {
			return null;
		}
		application.setListeners(listeners);
		return services;
	}

	/**
	 * Return a listener like Boot's that registers its shutdown handler with this object.
	 */
	private @Nullable ApplicationListener<?> before(ApplicationListener<?> listener) {
		try {
			Constructor<?> constructor = listener.getClass()
				.getDeclaredConstructor(SpringApplicationShutdownHandlers.class);
			constructor.setAccessible(true);
			return (ApplicationListener<?>) constructor.newInstance(new Handlers());
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			logger.warn("The first worker to end stops the services of Docker Compose: this version is not supported",
					ex);
			return null;
		}
	}

	/**
	 * Use the services as a worker of a fleet.
	 * @param fleet the fleet's locks
	 * @param environment the application's environment
	 */
	synchronized void join(FleetLocks fleet, Environment environment) {
		try {
			this.use = fleet.awaitShare(USE, PATIENCE);
			this.locks = fleet;
			learn(fleet);
			this.handlers.get().add(() -> leave(environment));
		}
		catch (IOException | IllegalStateException ex) {
			logger.warn("Other workers do not know that this one uses the services of Docker Compose", ex);
		}
	}

	/**
	 * Find out whether another worker knows that the fleet has started the services, and
	 * record it for this worker, too. A worker that knows keeps a share of the lock. A
	 * worker that only asks takes the lock exclusively and releases it at once.
	 */
	private void learn(FleetLocks fleet) throws IOException {
		for (int attempt = 0; attempt < ATTEMPTS && this.started == null; attempt++) {
			FileLock alone = fleet.tryAlone(STARTED);
			if (alone != null) {
				alone.release();
				return;
			}
			LockSupport.parkNanos(INTERVAL.toNanos());
		}
		know(fleet);
	}

	private void know(FleetLocks fleet) throws IOException {
		if (this.started == null) {
			this.started = fleet.awaitShare(STARTED, QUESTION);
		}
	}

	private synchronized void started(Runnable newStop) {
		FleetLocks fleet = this.locks;
		if (fleet == null) {
			this.handlers.get().add(newStop);
			return;
		}
		this.stop = newStop;
		try {
			know(fleet);
		}
		catch (IOException ex) {
			logger.warn("Other workers do not know that the fleet has started the services of Docker Compose", ex);
		}
	}

	private synchronized void leave(Environment environment) {
		FleetLocks fleet = this.locks;
		if (fleet == null) {
			return;
		}
		try {
			learn(fleet);
			if (this.use != null) {
				this.use.release();
			}
			if ((this.started != null || this.stop != null) && fleet.tryAlone(USE) != null) {
				// The lock is kept until this process ends: a booting worker waits
				Runnable command = this.stop;
				if (command != null) {
					command.run();
				}
				else {
					ComposeCommand.stop(environment);
				}
			}
		}
		catch (IOException ex) {
			logger.warn(
					"The services of Docker Compose keep running: cannot determine whether another worker uses them",
					ex);
		}
		catch (RuntimeException ex) {
			// Other shutdown handlers follow
			logger.warn("The services of Docker Compose could not be stopped", ex);
		}
	}

	/**
	 * Shutdown handlers that Boot's support gets instead of the application's.
	 */
	private final class Handlers implements SpringApplicationShutdownHandlers {

		@Override
		public void add(Runnable action) {
			started(action);
		}

		@Override
		public void remove(Runnable action) {
			ComposeServices.this.handlers.get().remove(action);
		}

	}

}
