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
 * Values that each process, and each look, would draw anew, such as
 * <code>${random.int}</code>. The processes of a fleet need the same one.
 */
final class RandomValues {

	/**
	 * Name of the property source that has the values which were drawn.
	 */
	static final String SOURCE = "tomcornRandom";

	/**
	 * Boot's source, and that of Spring Cloud, which draws once in each process.
	 */
	private static final Set<String> RANDOM_SOURCES = Set.of("random", "cachedrandom");

	private static final String MARK = "\0drawn\0";

	private RandomValues() {
	}

	/**
	 * Return which of some properties have a value that is drawn, be it by way of other
	 * properties.
	 * @param environment the environment
	 * @param properties names of the properties
	 * @return those that are drawn
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
	 * Give properties the same value from now on, whatever else sets them.
	 * @param environment the environment
	 * @param values the values by property
	 */
	static void keep(ConfigurableEnvironment environment, Map<String, String> values) {
		if (!values.isEmpty()) {
			environment.getPropertySources().addFirst(new MapPropertySource(SOURCE, Map.copyOf(values)));
		}
	}

	/**
	 * Stands for a source of random values and has a mark for each.
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
