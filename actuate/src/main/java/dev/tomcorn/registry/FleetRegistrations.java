package dev.tomcorn.registry;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.worker.WorkerProcess;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The registrations of a worker in service registries. Calls to registries run in threads
 * of their own, so that neither traffic nor a drain waits for a registry.
 */
final class FleetRegistrations {

	private static final Log logger = LogFactory.getLog(FleetRegistrations.class);

	/**
	 * Longest wait for a registry after the drain.
	 */
	private static final Duration LAST_WORDS = Duration.ofSeconds(3);

	private final WorkerProcess process;

	private final Map<String, FleetInstance> instances = new ConcurrentHashMap<>();

	private final Map<String, Runnable> goodbyes = new ConcurrentHashMap<>();

	private volatile boolean leaving;

	private @Nullable Thread leave;

	/**
	 * Create the registrations of a worker.
	 * @param process the worker, which is supervised
	 */
	FleetRegistrations(WorkerProcess process) {
		this.process = process;
	}

	/**
	 * Return an instance.
	 * @param registry name of the registry
	 * @param id id of the instance there
	 */
	FleetInstance instance(String registry, String id) {
		return this.instances.computeIfAbsent(registry + ":" + id,
				(name) -> new FleetInstance(this, Objects.requireNonNull(this.process.locks()), name));
	}

	/**
	 * Run an action when this worker ends.
	 * @param registry name of the registry
	 * @param goodbye deregisters the instance; replaces an earlier action for this
	 * registry
	 */
	void atEnd(String registry, Runnable goodbye) {
		this.goodbyes.put(registry, goodbye);
	}

	/**
	 * Return whether this worker may register an instance now: it serves, or no other
	 * worker does, as at the start of the fleet.
	 */
	boolean maySpeak() {
		return isServing() || isAlone();
	}

	/**
	 * Return whether this worker is the one that repeats registrations.
	 */
	boolean mayRepeat() {
		return !this.leaving && (this.process.slot().leader() || isAlone());
	}

	private boolean isAlone() {
		int own = this.process.slot().number();
		return !this.process.isServedElsewhere() && this.process.scoreboard()
			.slots()
			.stream()
			.noneMatch((slot) -> slot.number() != own && slot.isServing());
	}

	boolean isServing() {
		return !this.leaving && this.process.slot().state() == WorkerState.READY;
	}

	boolean isLeaving() {
		return this.leaving;
	}

	/**
	 * Register the instances that wait for this worker to serve.
	 */
	void serve() {
		if (this.instances.isEmpty()) {
			return;
		}
		inBackground(() -> {
			for (FleetInstance instance : this.instances.values()) {
				attempt(instance::serve);
			}
		});
	}

	/**
	 * Deregister the instances that no other worker shares. This worker registers nothing
	 * from now on.
	 */
	synchronized void leave() {
		if (!this.leaving) {
			this.leaving = true;
			this.leave = inBackground(() -> this.goodbyes.values().forEach(FleetRegistrations::attempt));
		}
	}

	/**
	 * Deregister, and wait for the end of that.
	 */
	void left() {
		leave();
		Thread thread;
		synchronized (this) {
			thread = this.leave;
		}
		try {
			if (thread != null && !thread.join(LAST_WORDS)) {
				logger.warn("A service registry does not answer: this application may still be registered there");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static Thread inBackground(Runnable task) {
		return Thread.ofPlatform().daemon().name("tomcorn-registry").start(task);
	}

	private static void attempt(Runnable task) {
		try {
			task.run();
		}
		catch (RuntimeException ex) {
			logger.error("A call to a service registry failed", ex);
		}
	}

}
