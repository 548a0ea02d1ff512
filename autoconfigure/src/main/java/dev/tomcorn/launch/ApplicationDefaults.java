package dev.tomcorn.launch;

import java.util.Map;

import dev.tomcorn.settings.TomcornProperties;
import dev.tomcorn.settings.TomcornSettings;

import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Defaults of Boot's properties for an application that Tomcorn serves. With {@code
 * gevent}, Spring's own executors use virtual threads unless the user sets otherwise,
 * which is the counterpart of monkey patching. In a worker process, Boot also gets the
 * position of the status {@code degraded} in its health order.
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
	 * Set Boot's order of health statuses with the fleet's own added. Boot ignores a
	 * status that is not in the order. Solo, a status of that name belongs to the
	 * application, which may rely on that.
	 */
	static void addHealthOrder(ConfigurableEnvironment environment) {
		DefaultProperty.add(environment, "management.endpoint.health.status.order",
				"down,out-of-service,degraded,up,unknown");
	}

	/**
	 * Exclude Tomcorn's properties from Spring Cloud's refresh: they have no effect after
	 * the start, and the actuator shows those that apply. Values that the user has set in
	 * the property are kept.
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
