package dev.tomcorn.autoconfigure;

import java.util.Map;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * {@link EnvironmentPostProcessor} that makes {@code gevent} the counterpart of monkey
 * patching: Spring's own executors use virtual threads, unless the user says otherwise.
 */
final class TomcornEnvironmentPostProcessor implements EnvironmentPostProcessor, Ordered {

	private static final String PROPERTY_SOURCE = "tomcornDefaults";

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		String workerClass = TomcornSettings.canonicalName(environment.getProperty("tomcorn.worker-class", "gevent"));
		if (application.getWebApplicationType() == WebApplicationType.SERVLET && workerClass.equals("gevent")) {
			environment.getPropertySources()
				.addLast(new MapPropertySource(PROPERTY_SOURCE, Map.of("spring.threads.virtual.enabled", "true")));
		}
	}

	@Override
	public int getOrder() {
		// Behind everything that might set the property
		return Ordered.LOWEST_PRECEDENCE;
	}

}
