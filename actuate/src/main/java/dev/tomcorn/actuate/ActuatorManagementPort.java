package dev.tomcorn.actuate;

import dev.tomcorn.launch.SeparateManagementPort;

import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * {@link SeparateManagementPort} of the actuator, if the application has that.
 */
final class ActuatorManagementPort implements SeparateManagementPort {

	private static final String MANAGEMENT_PORT_TYPE = "org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType";

	@Override
	public boolean isConfigured(Environment environment) {
		return ClassUtils.isPresent(MANAGEMENT_PORT_TYPE, null)
				&& ManagementPortType.get(environment) == ManagementPortType.DIFFERENT;
	}

}
