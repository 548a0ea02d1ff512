package dev.tomcorn.autoconfigure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.springframework.core.env.Environment;

/**
 * The settings that only an arbiter's start reads: a reload cannot change them. Workers
 * get what their arbiter has read, and tell when their own configuration differs.
 *
 * @param values the settings as the user has them, by property
 */
record ArbiterOnlySettings(Map<String, String> values) {

	private static final String VARIABLE = "TOMCORN_ARBITER_SETTINGS";

	private static final List<String> PROPERTIES = List.of("server.port", "server.address",
			"server.tomcat.accept-count", ManagementPort.PROPERTY, "management.server.address", "tomcorn.backlog",
			"tomcorn.reuse-port", "tomcorn.run-directory", "tomcorn.pause-on-winch", "tomcorn.incidents.directory",
			"tomcorn.incidents.max-count", "tomcorn.incidents.max-size");

	static ArbiterOnlySettings of(Environment environment) {
		Map<String, String> values = new LinkedHashMap<>();
		for (String property : PROPERTIES) {
			String value = environment.getProperty(property);
			if (value != null) {
				values.put(property, value);
			}
		}
		return new ArbiterOnlySettings(values);
	}

	Map<String, String> toEnvironment() {
		List<String> lines = new ArrayList<>();
		this.values.forEach((property, value) -> lines.add(property + "=" + value));
		return Map.of(VARIABLE, String.join("\n", lines));
	}

	/**
	 * Return what the configuration has by now that the arbiter does not know, a text for
	 * each property.
	 */
	static List<String> changes(Environment environment, Map<String, String> processEnvironment) {
		String known = processEnvironment.get(VARIABLE);
		if (known == null) {
			return List.of();
		}
		Map<String, String> before = new LinkedHashMap<>();
		known.lines().forEach((line) -> before.put(line.split("=", 2)[0], line.substring(line.indexOf('=') + 1)));
		Map<String, String> now = of(environment).values();
		return PROPERTIES.stream()
			.filter((property) -> !text(before, property).equals(text(now, property)))
			.map((property) -> "%s (%s, now %s)".formatted(property, text(before, property), text(now, property)))
			.toList();
	}

	private static String text(Map<String, String> values, String property) {
		return values.getOrDefault(property, "not set");
	}

}
