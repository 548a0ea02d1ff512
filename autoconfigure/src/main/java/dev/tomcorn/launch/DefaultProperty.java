package dev.tomcorn.launch;

import java.util.Map;

import org.springframework.boot.env.DefaultPropertiesPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * A default value that any other property source overrides.
 */
final class DefaultProperty {

	private DefaultProperty() {
	}

	static void add(ConfigurableEnvironment environment, String name, String value) {
		if (!environment.containsProperty(name)) {
			DefaultPropertiesPropertySource.addOrMerge(Map.of(name, value), environment.getPropertySources());
		}
	}

}
