package dev.tomcorn.logs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.env.DefaultPropertiesPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * The resource attribute {@code service.instance.id}, which identifies the traces, logs
 * and metrics of a worker in OpenTelemetry.
 */
public final class TelemetryInstance {

	static final String ATTRIBUTE = "service.instance.id";

	private static final String PROPERTY = "management.opentelemetry.resource-attributes." + ATTRIBUTE;

	private static final String BOOT = "org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetryProperties";

	private TelemetryInstance() {
	}

	/**
	 * Add the attribute, unless the user has set it. The number of its values is bounded
	 * by the number of processes of the fleet at one time.
	 * @param environment the worker's environment
	 * @param label label of the worker, unique in the fleet
	 * @param variables the environment variables, which may also set the attribute
	 */
	public static void addDefault(ConfigurableEnvironment environment, String label, Map<String, String> variables) {
		if (!ClassUtils.isPresent(BOOT, TelemetryInstance.class.getClassLoader())
				|| environment.containsProperty(PROPERTY) || isAttribute(variables.get("OTEL_RESOURCE_ATTRIBUTES"))) {
			return;
		}
		String id = "%s-%s-%s".formatted(host(variables), environment.getProperty("server.port", "8080"), label);
		// Added last, so that any other spelling of the property wins
		DefaultPropertiesPropertySource.addOrMerge(Map.of(PROPERTY, id), environment.getPropertySources());
	}

	private static boolean isAttribute(@Nullable String attributes) {
		for (String attribute : StringUtils.tokenizeToStringArray(attributes, ",")) {
			if (attribute.split("=", 2)[0].trim().equals(ATTRIBUTE)) {
				return true;
			}
		}
		return false;
	}

	private static String host(Map<String, String> variables) {
		try {
			String name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
			if (!name.isEmpty()) {
				return name;
			}
		}
		catch (IOException ex) {
			// Not readable, for example in a sandbox
		}
		return variables.getOrDefault("HOSTNAME", "localhost");
	}

}
