package dev.tomcorn.launch;

import java.util.LinkedHashSet;
import java.util.Set;

import dev.tomcorn.launch.Launch.Role;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/**
 * Boot's listener that loads classes of the application in the background, such as those
 * of validation and JSON, as soon as the environment is prepared. An arbiter runs no
 * application and does without.
 */
final class Preinitialization implements ApplicationListener<SpringApplicationEvent>, Ordered {

	/**
	 * Given by name, since Boot does not export it.
	 */
	private static final String LISTENER = "org.springframework.boot.autoconfigure.preinitialize"
			+ ".BackgroundPreinitializingApplicationListener";

	private final ApplicationListener<SpringApplicationEvent> listener;

	private @Nullable ApplicationEnvironmentPreparedEvent postponed;

	private Preinitialization(ApplicationListener<SpringApplicationEvent> listener) {
		this.listener = listener;
	}

	/**
	 * Replace Boot's listener, before it gets any event.
	 * @param application the application
	 * @return what replaces it, or {@code null} if the application has no such listener
	 */
	static @Nullable Preinitialization of(SpringApplication application) {
		return of(application, LISTENER);
	}

	@SuppressWarnings("unchecked")
	static @Nullable Preinitialization of(SpringApplication application, String type) {
		Preinitialization found = null;
		Set<ApplicationListener<?>> listeners = new LinkedHashSet<>();
		for (ApplicationListener<?> listener : application.getListeners()) {
			if (found == null && listener.getClass().getName().equals(type)) {
				found = new Preinitialization((ApplicationListener<SpringApplicationEvent>) listener);
				listeners.add(found);
			}
			else {
				listeners.add(listener);
			}
		}
		if (found != null) {
			application.setListeners(listeners);
		}
		return found;
	}

	@Override
	public void onApplicationEvent(SpringApplicationEvent event) {
		if (event instanceof ApplicationEnvironmentPreparedEvent prepared && isForArbiter(prepared)) {
			this.postponed = prepared;
		}
		else {
			this.listener.onApplicationEvent(event);
		}
	}

	private static boolean isForArbiter(ApplicationEnvironmentPreparedEvent event) {
		// Preliminary: a later listener may still change the environment
		Launch launch = event.getBootstrapContext().getOrElse(Launch.class, null);
		return launch != null && launch.role() == Role.ARBITER;
	}

	/**
	 * Begin with what was postponed, because this JVM runs the application after all.
	 */
	void begin() {
		ApplicationEnvironmentPreparedEvent event = this.postponed;
		this.postponed = null;
		if (event != null) {
			this.listener.onApplicationEvent(event);
		}
	}

	@Override
	public int getOrder() {
		return (this.listener instanceof Ordered ordered) ? ordered.getOrder() : LOWEST_PRECEDENCE;
	}

}
