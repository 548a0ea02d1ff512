package dev.tomcorn.lifecycle;

import java.util.Collection;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Something that Spring would start with the application's context.
 */
final class Beginning {

	private final String name;

	private final SmartLifecycle bean;

	private final Due due;

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
	 * Keep Spring from starting it.
	 * @return whether that was possible
	 */
	synchronized boolean holdBack() {
		this.held = setAutoStartup(false);
		return this.held;
	}

	/**
	 * Start it if it was held back, unless it is over or the application has done so.
	 */
	synchronized void begin() {
		if (!this.held || this.over) {
			return;
		}
		// Spring asks again when somebody starts the whole context
		setAutoStartup(true);
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
	 * Return whether it runs jobs at the moment, which go on when it has stopped.
	 */
	boolean isBusy() {
		Object scheduler = BackgroundKind.isA(this.bean, BackgroundKind.QUARTZ)
				? BackgroundKind.value(this.bean, "scheduler") : null;
		return scheduler != null
				&& BackgroundKind.value(scheduler, "currentlyExecutingJobs") instanceof Collection<?> jobs
				&& !jobs.isEmpty();
	}

	@Nullable Object poller() {
		return BackgroundKind.isA(this.bean, BackgroundKind.POLLER) ? this.bean : null;
	}

	private boolean setAutoStartup(boolean autoStartup) {
		try {
			PropertyAccessorFactory.forBeanPropertyAccess(this.bean).setPropertyValue("autoStartup", autoStartup);
			return true;
		}
		catch (BeansException ex) {
			return false;
		}
	}

}
