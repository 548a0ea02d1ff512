package dev.tomcorn.autoconfigure;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * {@link EnvironmentPostProcessor} that makes {@code gevent} the counterpart of monkey
 * patching: Spring's own executors use virtual threads, unless the user says otherwise.
 */
final class TomcornEnvironmentPostProcessor implements EnvironmentPostProcessor, Ordered {

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		String workerClass = TomcornSettings.canonicalName(environment.getProperty("tomcorn.worker-class", "gevent"));
		if (workerClass.equals("gevent") && new LaunchMode.Launch(application, environment).isServletApplication()) {
			DefaultProperty.add(environment, "spring.threads.virtual.enabled", "true");
		}
	}

	@Override
	public int getOrder() {
		// Behind everything that might set the property
		return Ordered.LOWEST_PRECEDENCE;
	}

}
