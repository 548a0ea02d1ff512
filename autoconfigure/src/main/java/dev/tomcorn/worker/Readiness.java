package dev.tomcorn.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

import dev.tomcorn.core.arbiter.ArbiterSettings;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.control.Message;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * How a worker becomes ready: it reports that the application is loaded, and takes
 * traffic when the arbiter allows it.
 */
final class Readiness {

	private static final Log logger = LogFactory.getLog(Readiness.class);

	/**
	 * How long to wait for {@code main} to return or to end the application. Some never
	 * return although the application serves.
	 */
	private static final Duration MAIN_LIMIT = Duration.ofMillis(500);

	private static final Duration LONGEST_BOOT = Duration.ofDays(1);

	private final WorkerSlot slot;

	private final @Nullable FleetMembership fleet;

	private final IntConsumer exit;

	private volatile @Nullable Runnable whenServing;

	/**
	 * Create the readiness of a worker.
	 * @param slot its slot
	 * @param fleet its fleet, {@code null} when solo
	 * @param exit ends the worker
	 */
	Readiness(WorkerSlot slot, @Nullable FleetMembership fleet, IntConsumer exit) {
		this.slot = slot;
		this.fleet = fleet;
		this.exit = exit;
	}

	/**
	 * Report that the application is loaded. The first worker of a fleet waits until
	 * {@code main} has returned.
	 * @param startServing begins to take connections
	 * @param settings the supervision policy of this worker's configuration, which solo
	 * workers may lack
	 */
	void ready(Runnable startServing, @Nullable ArbiterSettings settings) {
		if (this.fleet == null || !this.fleet.isFirst()) {
			becomeReady(startServing, settings);
			return;
		}
		afterMain(Thread.currentThread(), () -> becomeReady(startServing, settings), this::cannotBecomeReady);
	}

	/**
	 * Run an action once {@code main} has returned or its time is over.
	 * @param failed takes an exception of the action
	 */
	static void afterMain(Thread main, Runnable action, Consumer<Throwable> failed) {
		Thread.ofPlatform().daemon().name("tomcorn-ready").start(() -> {
			try {
				main.join(MAIN_LIMIT);
				action.run();
			}
			catch (InterruptedException | RuntimeException | Error ex) {
				failed.accept(ex);
			}
		});
	}

	/**
	 * Report the failure and end. No other code does so, because {@code
	 * SpringApplication.run} has returned.
	 */
	private void cannotBecomeReady(Throwable cause) {
		try {
			logger.error("This worker cannot become ready", cause);
			bootFailed("It cannot become ready: " + cause);
		}
		finally {
			this.exit.accept(1);
		}
	}

	private void becomeReady(Runnable startServing, @Nullable ArbiterSettings settings) {
		if (this.slot.state() != WorkerState.STARTING) {
			return;
		}
		Duration sinceStart = Duration.between(this.slot.startedAt(), Instant.now());
		// The difference is wrong if the clock was set meanwhile
		Duration boot = (sinceStart.isNegative() || sinceStart.compareTo(LONGEST_BOOT) > 0) ? Duration.ZERO
				: sinceStart;
		this.slot.setBootTime(boot);
		this.whenServing = startServing;
		if (!this.slot.advance(WorkerState.STARTING, WorkerState.STANDBY)) {
			// It is already draining
			return;
		}
		if (this.fleet == null || settings == null) {
			serve();
		}
		else {
			this.fleet.control().send(new Message.Told(new Event.Ready(this.slot.age(), boot, settings)));
		}
	}

	/**
	 * Start to take traffic. Listeners of the application run in another thread, because
	 * the next message may be urgent.
	 */
	void serve() {
		Runnable start = this.whenServing;
		if (start != null && this.slot.advance(WorkerState.STANDBY, WorkerState.READY)) {
			start.run();
		}
	}

	/**
	 * Report to the arbiter why the application cannot start. Returns once the report is
	 * sent.
	 * @param report what is wrong and what to do about it
	 */
	void bootFailed(String report) {
		if (this.fleet != null) {
			this.fleet.control().send(new Message.Told(new Event.BootFailed(this.slot.age(), report)));
			this.fleet.control().flush();
		}
	}

}
