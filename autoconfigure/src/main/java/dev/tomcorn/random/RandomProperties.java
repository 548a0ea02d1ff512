package dev.tomcorn.random;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.StringUtils;

/**
 * The properties of an application that refer to random values, with one value for all
 * workers of a fleet. A source with the drawn values is placed before each source with
 * such properties, so that the order of overriding stays the same.
 */
public final class RandomProperties {

	private static final String PREFIX = "tomcornRandom-";

	/**
	 * Properties that must differ between the processes of an application: for messages
	 * that go to each of them, members of a cluster, files.
	 */
	private static final List<String> OF_A_PROCESS = List.of("spring.kafka.", "spring.rabbitmq.", "spring.pulsar.",
			"spring.jms.", "spring.activemq.", "spring.artemis.", "spring.integration.", "spring.quartz.",
			"spring.cloud.stream.", "spring.cloud.bus.", "logging.");

	private static final List<String> NAMES_OF_A_PROCESS = List.of("groupid", "group", "groupinstanceid", "clientid",
			"instanceid", "nodeid", "workerid");

	/**
	 * Properties of service registries, which treat a fleet as one instance.
	 */
	private static final List<String> OF_THE_FLEET = List.of("eureka.", "spring.cloud.");

	private RandomProperties() {
	}

	/**
	 * Give the properties of an environment the fleet's values. A further call handles
	 * sources that have been added since.
	 * @param environment a worker's environment
	 * @param secret the fleet's secret
	 */
	public static void share(ConfigurableEnvironment environment, FleetSecret secret) {
		MutablePropertySources sources = environment.getPropertySources();
		for (PropertySource<?> source : List.copyOf(sources.stream().toList())) {
			String name = PREFIX + source.getName();
			if (!(source instanceof EnumerablePropertySource<?>) || source instanceof RandomSource
					|| source.getName().startsWith(PREFIX) || sources.contains(name)
					|| ConfigurationPropertySources.isAttachedConfigurationPropertySource(source)) {
				continue;
			}
			RandomSource drawn = new RandomSource(name, source.getName(), environment, secret);
			if (drawn.getPropertyNames().length > 0) {
				// Environment variables are found by other spellings of their names
				boolean variables = source instanceof SystemEnvironmentPropertySource
						&& name.endsWith("-" + StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
				sources.addBefore(source.getName(),
						variables ? new SystemEnvironmentPropertySource(name, drawn.values()) : drawn);
			}
		}
	}

	/**
	 * Return whether a property is the same in all workers of a fleet.
	 */
	static boolean isShared(String property) {
		String name = property.toLowerCase(Locale.ROOT).replace('_', '.');
		if (OF_A_PROCESS.stream().anyMatch(name::startsWith)) {
			return false;
		}
		String last = name.substring(name.lastIndexOf('.') + 1).replace("-", "");
		return OF_THE_FLEET.stream().anyMatch(name::startsWith) || !NAMES_OF_A_PROCESS.contains(last);
	}

	/**
	 * The values drawn for the properties of another source. That source may be replaced
	 * while the application runs.
	 */
	private static final class RandomSource extends EnumerablePropertySource<Object> implements OriginLookup<String> {

		private final String original;

		private final ConfigurableEnvironment environment;

		private final FleetSecret secret;

		private final Set<String> drawing = ConcurrentHashMap.newKeySet();

		private volatile Reading reading = new Reading(null);

		RandomSource(String name, String original, ConfigurableEnvironment environment, FleetSecret secret) {
			super(name, new Object());
			this.original = original;
			this.environment = environment;
			this.secret = secret;
		}

		@Override
		public String[] getPropertyNames() {
			return StringUtils.toStringArray(current().texts().keySet());
		}

		@Override
		public @Nullable Object getProperty(String name) {
			String text = current().texts().get(name);
			if (text == null) {
				return null;
			}
			// A range may refer to other properties, which may refer back to this one
			String asked = Thread.currentThread().threadId() + name;
			if (!this.drawing.add(asked)) {
				return text;
			}
			try {
				return RandomText.draw(this.secret, this.environment::resolvePlaceholders, name, text);
			}
			finally {
				this.drawing.remove(asked);
			}
		}

		Map<String, Object> values() {
			Map<String, Object> values = new LinkedHashMap<>();
			for (String name : getPropertyNames()) {
				values.put(name, Objects.requireNonNull(getProperty(name)));
			}
			return values;
		}

		@Override
		public @Nullable Origin getOrigin(String key) {
			PropertySource<?> source = source();
			return (source != null) ? OriginLookup.getOrigin(source, key) : null;
		}

		private @Nullable PropertySource<?> source() {
			return this.environment.getPropertySources().get(this.original);
		}

		private Reading current() {
			PropertySource<?> source = source();
			Reading last = this.reading;
			if (source == last.source()) {
				return last;
			}
			Reading now = new Reading(source);
			this.reading = now;
			return now;
		}

		/**
		 * The texts of the other source's properties with random values.
		 */
		private record Reading(@Nullable PropertySource<?> source, Map<String, String> texts) {

			Reading(@Nullable PropertySource<?> source) {
				this(source, read(source));
			}

			private static Map<String, String> read(@Nullable PropertySource<?> source) {
				Map<String, String> texts = new LinkedHashMap<>();
				if (source instanceof EnumerablePropertySource<?> enumerable) {
					for (String name : enumerable.getPropertyNames()) {
						Object value = isShared(name) ? enumerable.getProperty(name) : null;
						if (RandomText.isIn(value)) {
							texts.put(name, String.valueOf(value));
						}
					}
				}
				return texts;
			}

		}

	}

}
