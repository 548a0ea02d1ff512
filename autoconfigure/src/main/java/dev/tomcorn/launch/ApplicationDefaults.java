package dev.tomcorn.launch;

import java.util.Map;

import dev.tomcorn.settings.TomcornProperties;
import dev.tomcorn.settings.TomcornSettings;

import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Defaults of Boot's properties for an application that Tomcorn serves. They make
 * {@code gevent} the counterpart of monkey patching: Spring's own executors use virtual
 * threads, unless the user says otherwise. In a worker process Boot also learns where the
 * health of a fleet that is not whole stands.
 */
final class ApplicationDefaults {

	private static final String REBINDER = "org.springframework.cloud.context.properties.ConfigurationPropertiesRebinder";

	private static final String NEVER_REFRESHABLE = "spring.cloud.refresh.never-refreshable";

	private ApplicationDefaults() {
	}

	static void add(Launch launch, ConfigurableEnvironment environment) {
		if (!launch.served()) {
			return;
		}
		if (launch.role() == Launch.Role.WORKER) {
			addHealthOrder(environment);
		}
		addVirtualThreads(environment);
		leaveOutOfRefresh(environment);
	}

	static void addVirtualThreads(ConfigurableEnvironment environment) {
		String workerClass = ArbiterOnlySettings.text(environment, "tomcorn.worker-class");
		if (!StringUtils.hasText(workerClass) || TomcornSettings.canonicalName(workerClass).equals("gevent")) {
			DefaultProperty.add(environment, "spring.threads.virtual.enabled", "true");
		}
	}

	/**
	 * Boot's order, which drops what it does not have, with the fleet's own in it. Solo a
	 * status of that name is the application's, which may count on being dropped.
	 */
	static void addHealthOrder(ConfigurableEnvironment environment) {
		DefaultProperty.add(environment, "management.endpoint.health.status.order",
				"down,out-of-service,degraded,up,unknown");
	}

	/**
	 * Spring Cloud warns, with a stack, of properties that it cannot reset at a refresh,
	 * as those of records. Whoever has set the property keeps what is in it.
	 */
	static void leaveOutOfRefresh(ConfigurableEnvironment environment) {
		if (!ClassUtils.isPresent(REBINDER, null)) {
			return;
		}
		String others = environment.getProperty(NEVER_REFRESHABLE, "com.zaxxer.hikari.HikariDataSource");
		environment.getPropertySources()
			.addFirst(new MapPropertySource("tomcornRefresh",
					Map.of(NEVER_REFRESHABLE, others + "," + TomcornProperties.class.getName())));
	}

}
