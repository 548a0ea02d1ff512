package dev.tomcorn.autoconfigure;

import dev.tomcorn.launch.Launch;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.StringUtils;

/**
 * {@link EnvironmentPostProcessor} that makes {@code gevent} the counterpart of monkey
 * patching: Spring's own executors use virtual threads, unless the user says otherwise.
 * In a worker process it also tells Boot where the health of a fleet that is not whole
 * stands.
 */
final class TomcornEnvironmentPostProcessor implements EnvironmentPostProcessor, Ordered {

	private final ConfigurableBootstrapContext bootstrapContext;

	TomcornEnvironmentPostProcessor(ConfigurableBootstrapContext bootstrapContext) {
		this.bootstrapContext = bootstrapContext;
	}

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		Launch launch = Launches.of(this.bootstrapContext, application, environment);
		if (!launch.served()) {
			return;
		}
		if (launch.role() == Launch.Role.WORKER) {
			tellOrder(environment);
		}
		String workerClass = environment.getProperty("tomcorn.worker-class");
		if (!StringUtils.hasText(workerClass) || TomcornSettings.canonicalName(workerClass).equals("gevent")) {
			DefaultProperty.add(environment, "spring.threads.virtual.enabled", "true");
		}
	}

	/**
	 * Boot's order, which drops what it does not have, with the fleet's own in it. Solo a
	 * status of that name is the application's, which may count on being dropped.
	 */
	static void tellOrder(ConfigurableEnvironment environment) {
		DefaultProperty.add(environment, "management.endpoint.health.status.order",
				"down,out-of-service,degraded,up,unknown");
	}

	@Override
	public int getOrder() {
		// Behind everything that might set the property
		return Ordered.LOWEST_PRECEDENCE;
	}

}
