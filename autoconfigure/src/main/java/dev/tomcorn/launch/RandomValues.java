package dev.tomcorn.launch;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.AbstractEnvironment;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;

/**
 * Random values such as <code>${random.int}</code>, which each process would draw again
 * at each access. The processes of a fleet need the same value.
 */
final class RandomValues {

	/**
	 * Name of the property source with the values that were drawn.
	 */
	static final String SOURCE = "tomcornRandom";

	/**
	 * Boot's source, and Spring Cloud's, which draws once in each process.
	 */
	private static final Set<String> RANDOM_SOURCES = Set.of("random", "cachedrandom");

	private static final String MARK = "\0drawn\0";

	private RandomValues() {
	}

	/**
	 * Return the properties whose value is random, directly or through other properties.
	 * @param environment the environment
	 * @param properties names of the properties
	 * @return the random ones
	 */
	static Set<String> among(ConfigurableEnvironment environment, Collection<String> properties) {
		MutablePropertySources sources = new MutablePropertySources();
		for (PropertySource<?> source : environment.getPropertySources()) {
			if (!ConfigurationPropertySources.isAttachedConfigurationPropertySource(source)) {
				sources.addLast(RANDOM_SOURCES.contains(source.getName()) ? new Marks(source.getName()) : source);
			}
		}
		ConfigurableEnvironment marked = new AbstractEnvironment(sources) {
		};
		marked.setIgnoreUnresolvableNestedPlaceholders(true);
		ConfigurationPropertySources.attach(marked);
		Set<String> drawn = new LinkedHashSet<>();
		for (String property : properties) {
			String value = marked.getProperty(property);
			if (value != null && value.contains(MARK)) {
				drawn.add(property);
			}
		}
		return drawn;
	}

	/**
	 * Fix the values of properties from now on, whatever other sources set.
	 * @param environment the environment
	 * @param values the values by property
	 */
	static void keep(ConfigurableEnvironment environment, Map<String, String> values) {
		if (!values.isEmpty()) {
			environment.getPropertySources().addFirst(new MapPropertySource(SOURCE, Map.copyOf(values)));
		}
	}

	/**
	 * Replaces a source of random values and returns a mark for each value.
	 */
	private static final class Marks extends PropertySource<String> {

		Marks(String name) {
			super(name, MARK);
		}

		@Override
		public @Nullable Object getProperty(String property) {
			return property.startsWith(getName() + ".") ? MARK : null;
		}

	}

}
