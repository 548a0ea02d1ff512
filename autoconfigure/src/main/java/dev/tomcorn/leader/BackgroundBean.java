package dev.tomcorn.leader;

import java.time.Duration;
import java.util.Collection;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.DirectFieldAccessor;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.context.SmartLifecycle;

/**
 * A bean that works in the background and that Spring would start with the context.
 */
final class BackgroundBean {

	private static final String DELAY = "startupDelay";

	private final String name;

	private final SmartLifecycle bean;

	private final StartCondition condition;

	private Duration delay = Duration.ZERO;

	private boolean held;

	private boolean ended;

	BackgroundBean(String name, SmartLifecycle bean, StartCondition condition) {
		this.name = name;
		this.bean = bean;
		this.condition = condition;
	}

	String name() {
		return this.name;
	}

	StartCondition condition() {
		return this.condition;
	}

	int phase() {
		return this.bean.getPhase();
	}

	/**
	 * Return how long to wait before the start once its condition is met.
	 */
	synchronized Duration delay() {
		return this.delay;
	}

	/**
	 * Keep Spring from starting it.
	 * @return whether that was possible
	 */
	synchronized boolean holdBack() {
		this.held = set("autoStartup", false);
		if (this.held && isQuartz()) {
			takeDelay();
		}
		return this.held;
	}

	/**
	 * Take over the delay of a Quartz scheduler. Spring waits in a thread that cannot be
	 * stopped, so the scheduler could start in a worker that no longer leads.
	 */
	private void takeDelay() {
		try {
			// Spring offers a setter only
			if (new DirectFieldAccessor(this.bean).getPropertyValue(DELAY) instanceof Integer seconds
					&& set(DELAY, 0)) {
				this.delay = Duration.ofSeconds(seconds);
			}
		}
		catch (BeansException ex) {
			// There is no delay
		}
	}

	/**
	 * Start it if it was held back, unless it has ended or the application has started
	 * it.
	 */
	synchronized void startHeld() {
		if (!this.held || this.ended) {
			return;
		}
		// Spring reads the property again when the whole context is restarted
		set("autoStartup", true);
		if (!this.bean.isRunning()) {
			this.bean.start();
		}
		this.held = false;
	}

	/**
	 * Stop it permanently.
	 * @param stopped called once it has stopped
	 */
	synchronized void end(Runnable stopped) {
		this.ended = true;
		if (this.bean.isRunning()) {
			this.bean.stop(stopped);
		}
		else {
			stopped.run();
		}
	}

	/**
	 * Return whether it is a Quartz scheduler, whose jobs go on after it has stopped.
	 * Some may even start then.
	 */
	boolean isQuartz() {
		return BackgroundKind.isA(this.bean, BackgroundKind.QUARTZ);
	}

	/**
	 * Return whether it runs jobs now.
	 */
	boolean isBusy() {
		Object scheduler = isQuartz() ? BackgroundKind.value(this.bean, "scheduler") : null;
		return scheduler != null
				&& BackgroundKind.value(scheduler, "currentlyExecutingJobs") instanceof Collection<?> jobs
				&& !jobs.isEmpty();
	}

	@Nullable Object poller() {
		return BackgroundKind.isA(this.bean, BackgroundKind.POLLER) ? this.bean : null;
	}

	private boolean set(String property, Object value) {
		try {
			PropertyAccessorFactory.forBeanPropertyAccess(this.bean).setPropertyValue(property, value);
			return true;
		}
		catch (BeansException ex) {
			return false;
		}
	}

}
