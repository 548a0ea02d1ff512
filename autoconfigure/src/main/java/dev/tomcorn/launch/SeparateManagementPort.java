package dev.tomcorn.launch;

import org.springframework.core.env.Environment;

/**
 * Determines whether the management endpoints have a port of their own, which the arbiter
 * opens for all workers. The module with the endpoints names its implementation in {@code
 * META-INF/spring.factories}.
 */
@FunctionalInterface
public interface SeparateManagementPort {

	/**
	 * Return whether the endpoints have a port of their own.
	 * @param environment the application's environment
	 * @return whether they have their own port
	 */
	boolean isConfigured(Environment environment);

}
