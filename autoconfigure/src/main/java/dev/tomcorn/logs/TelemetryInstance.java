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
 * What tells the traces, logs and metrics of a worker apart in OpenTelemetry: the
 * attribute {@code service.instance.id} of its resource.
 */
public final class TelemetryInstance {

	static final String ATTRIBUTE = "service.instance.id";

	private static final String PROPERTY = "management.opentelemetry.resource-attributes." + ATTRIBUTE;

	private static final String BOOT = "org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetryProperties";

	private TelemetryInstance() {
	}

	/**
	 * Add the attribute, unless the user has set it. Its values are few: as many as there
	 * are processes of the fleet at one time.
	 * @param environment the worker's environment
	 * @param label what tells the worker apart from all others of the fleet
	 * @param variables the environment variables, in which it may be set, too
	 */
	public static void addDefault(ConfigurableEnvironment environment, String label, Map<String, String> variables) {
		if (!ClassUtils.isPresent(BOOT, TelemetryInstance.class.getClassLoader())
				|| environment.containsProperty(PROPERTY) || isAttribute(variables.get("OTEL_RESOURCE_ATTRIBUTES"))) {
			return;
		}
		String id = "%s-%s-%s".formatted(host(variables), environment.getProperty("server.port", "8080"), label);
		// Last: another way to write the property wins
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
			// As in a sandbox
		}
		return variables.getOrDefault("HOSTNAME", "localhost");
	}

}
