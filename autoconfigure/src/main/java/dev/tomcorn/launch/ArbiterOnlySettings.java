package dev.tomcorn.launch;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

import dev.tomcorn.core.process.JvmOptions;
import dev.tomcorn.settings.BindSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.util.PlaceholderResolutionException;

/**
 * The settings that an arbiter reads only at its start: a reload cannot change them.
 * Workers get the values that their arbiter has read, and warn if their own configuration
 * differs. They use the random values that the arbiter has drawn.
 *
 * @param values the settings as the user has set them, by property
 * @param drawn properties whose value was drawn at random
 */
record ArbiterOnlySettings(Map<String, String> values, Set<String> drawn) {

	private static final String VARIABLE = "TOMCORN_ARBITER_SETTINGS";

	/**
	 * Prefix of a property whose value was drawn at random.
	 */
	private static final String DRAWN = "*";

	private static final String JVM_OPTIONS = "tomcorn.jvm-options";

	/**
	 * Replaces a line break within a value, because each setting has a line of its own.
	 */
	private static final String LINE_BREAK = "\u2028";

	private static final List<String> PROPERTIES = List.of("server.port", "server.address",
			"server.tomcat.accept-count", ManagementPort.PROPERTY, "management.server.address", BindSettings.PROPERTY,
			"tomcorn.backlog", "tomcorn.reuse-port", "tomcorn.directory", JVM_OPTIONS, "tomcorn.run-directory",
			"tomcorn.pause-on-winch", "tomcorn.first-worker-alone", "tomcorn.defer-second-compiler",
			"tomcorn.preload.enabled", "tomcorn.preload.directory", "tomcorn.preload.max-size",
			"tomcorn.preload.training-requests", "tomcorn.preload.training-time", "tomcorn.incidents.directory",
			"tomcorn.incidents.max-count", "tomcorn.incidents.max-size", "tomcorn.problems.ignored",
			"tomcorn.problems.worker-stopped", "tomcorn.problems.worker-silent", "tomcorn.problems.carriers-held",
			"tomcorn.problems.long-request", "tomcorn.problems.queue-wait", "tomcorn.problems.deaths",
			"tomcorn.problems.out-of-memory", "tomcorn.problems.heap-after-gc", "tomcorn.problems.file-descriptors",
			"tomcorn.problems.memory-limit", "tomcorn.problems.cpu-taken", "tomcorn.problems.connection-pool",
			"tomcorn.problems.disk-free", "tomcorn.problems.clock-jump", "tomcorn.problems.end-after",
			"tomcorn.problems.remembered");

	/**
	 * Read the settings and draw random values. From here on, the environment always
	 * returns the same value.
	 */
	static ArbiterOnlySettings draw(ConfigurableEnvironment environment) {
		return draw(environment, Map.of());
	}

	private static ArbiterOnlySettings draw(ConfigurableEnvironment environment, Map<String, String> already) {
		Map<String, String> values = new LinkedHashMap<>();
		Map<String, String> kept = new LinkedHashMap<>();
		Set<String> drawn = RandomValues.among(environment, LateSettings.PROPERTIES);
		for (String property : LateSettings.PROPERTIES) {
			boolean isDrawn = drawn.contains(property);
			String value = isDrawn ? already.get(property) : null;
			value = (value != null) ? value : text(environment, property);
			if (value != null && (isDrawn || PROPERTIES.contains(property))) {
				values.put(property, value);
				if (isDrawn) {
					kept.put(property, value);
				}
			}
		}
		RandomValues.keep(environment, kept);
		return new ArbiterOnlySettings(values, drawn);
	}

	/**
	 * Replace a random value.
	 * @return the settings with that value; the same settings if the property has no
	 * random value
	 */
	ArbiterOnlySettings with(String property, String value, ConfigurableEnvironment environment) {
		if (!this.drawn.contains(property)) {
			return this;
		}
		Map<String, String> newValues = new LinkedHashMap<>(this.values);
		newValues.put(property, value);
		Map<String, String> kept = new LinkedHashMap<>(newValues);
		kept.keySet().retainAll(this.drawn);
		RandomValues.keep(environment, kept);
		return new ArbiterOnlySettings(newValues, this.drawn);
	}

	Map<String, String> toEnvironment() {
		List<String> lines = new ArrayList<>();
		this.values.forEach((property, value) -> lines
			.add((this.drawn.contains(property) ? DRAWN : "") + property + "=" + value.replace("\n", LINE_BREAK)));
		return Map.of(VARIABLE, String.join("\n", lines));
	}

	/**
	 * Use the arbiter's random values in a worker.
	 */
	static void adopt(ConfigurableEnvironment environment, Map<String, String> processEnvironment) {
		draw(environment, read(processEnvironment, (line) -> line.startsWith(DRAWN)));
	}

	/**
	 * Return a text for each property whose current value differs from the arbiter's.
	 */
	static List<String> changes(Environment environment, Map<String, String> processEnvironment) {
		if (!processEnvironment.containsKey(VARIABLE)) {
			return List.of();
		}
		Map<String, String> before = read(processEnvironment, (line) -> true);
		return PROPERTIES.stream()
			.map((property) -> new String[] { property, before.getOrDefault(property, "not set"),
					Objects.requireNonNullElse(text(environment, property), "not set") })
			.filter((change) -> !change[1].equals(change[2]))
			.map((change) -> "%s (%s, now %s)".formatted((Object[]) change))
			.toList();
	}

	private static Map<String, String> read(Map<String, String> processEnvironment, Predicate<String> lines) {
		Map<String, String> values = new LinkedHashMap<>();
		processEnvironment.getOrDefault(VARIABLE, "").lines().filter(lines).forEach((line) -> {
			String[] setting = line.split("=", 2);
			values.put(setting[0].startsWith(DRAWN) ? setting[0].substring(DRAWN.length()) : setting[0],
					setting[setting.length - 1].replace(LINE_BREAK, "\n"));
		});
		return values;
	}

	/**
	 * Options may contain secrets, and this text is logged and passed on.
	 */
	private static String fingerprint(String options) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256")
				.digest(String.join(" ", JvmOptions.split(options)).getBytes(StandardCharsets.UTF_8));
			return "options with fingerprint " + HexFormat.of().formatHex(digest, 0, 4);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * The list may be spread over several properties.
	 */
	private static @Nullable String bind(Environment environment) {
		List<String> texts = BindSettings.texts(environment);
		return texts.isEmpty() ? null : String.join(",", texts);
	}

	/**
	 * Return a property's value, or the error message if it cannot be resolved.
	 */
	static @Nullable String text(Environment environment, String property) {
		try {
			String value = property.equals(BindSettings.PROPERTY) ? bind(environment)
					: environment.getProperty(property);
			return (value != null && property.equals(JVM_OPTIONS)) ? fingerprint(value) : value;
		}
		catch (PlaceholderResolutionException ex) {
			return String.valueOf(ex.getMessage());
		}
	}

}
