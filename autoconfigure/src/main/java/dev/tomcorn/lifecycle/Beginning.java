package dev.tomcorn.lifecycle;

import java.time.Duration;
import java.util.Collection;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.DirectFieldAccessor;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Something that Spring would start with the application's context.
 */
final class Beginning {

	private static final String DELAY = "startupDelay";

	private final String name;

	private final SmartLifecycle bean;

	private final Due due;

	private Duration delay = Duration.ZERO;

	private boolean held;

	private boolean over;

	Beginning(String name, SmartLifecycle bean, Due due) {
		this.name = name;
		this.bean = bean;
		this.due = due;
	}

	String name() {
		return this.name;
	}

	Due due() {
		return this.due;
	}

	int phase() {
		return this.bean.getPhase();
	}

	/**
	 * Return how long after it is due it is to begin.
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
	 * Spring waits for it in a thread that nothing stops: the scheduler would run in a
	 * worker that does not lead any more.
	 */
	private void takeDelay() {
		try {
			// Spring has a setter only
			if (new DirectFieldAccessor(this.bean).getPropertyValue(DELAY) instanceof Integer seconds
					&& set(DELAY, 0)) {
				this.delay = Duration.ofSeconds(seconds);
			}
		}
		catch (BeansException ex) {
			// There is none
		}
	}

	/**
	 * Start it if it was held back, unless it is over or the application has done so.
	 */
	synchronized void begin() {
		if (!this.held || this.over) {
			return;
		}
		// Spring asks again when somebody starts the whole context
		set("autoStartup", true);
		if (!this.bean.isRunning()) {
			this.bean.start();
		}
		this.held = false;
	}

	/**
	 * Stop it, for good.
	 * @param stopped called once it has stopped
	 */
	synchronized void end(Runnable stopped) {
		this.over = true;
		if (this.bean.isRunning()) {
			this.bean.stop(stopped);
		}
		else {
			stopped.run();
		}
	}

	/**
	 * Return whether it runs jobs that go on when it has stopped. Some may still begin
	 * then.
	 */
	boolean isQuartz() {
		return BackgroundKind.isA(this.bean, BackgroundKind.QUARTZ);
	}

	/**
	 * Return whether it runs jobs at the moment.
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
