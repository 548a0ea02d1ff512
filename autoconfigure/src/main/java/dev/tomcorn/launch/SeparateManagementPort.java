package dev.tomcorn.launch;

import org.springframework.core.env.Environment;

/**
 * Knows whether the management endpoints have a port of their own, which the arbiter
 * opens for all workers. Named in {@code META-INF/spring.factories} by the module that
 * has the endpoints.
 */
@FunctionalInterface
public interface SeparateManagementPort {

	/**
	 * Return whether the endpoints have a port of their own.
	 * @param environment the application's environment
	 * @return whether they have
	 */
	boolean isConfigured(Environment environment);

}
