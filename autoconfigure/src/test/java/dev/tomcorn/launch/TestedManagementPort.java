package dev.tomcorn.launch;

import org.springframework.core.env.Environment;

/**
 * {@link SeparateManagementPort} for tests without the actuator.
 */
final class TestedManagementPort implements SeparateManagementPort {

	@Override
	public boolean isConfigured(Environment environment) {
		Integer port = environment.getProperty("management.server.port", Integer.class);
		return port != null && port >= 0;
	}

}
