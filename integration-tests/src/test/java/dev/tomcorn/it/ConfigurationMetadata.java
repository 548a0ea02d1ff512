package dev.tomcorn.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The configuration properties of Tomcorn, and of the modules of Spring Boot that the
 * tests have.
 *
 * @param properties the properties by name, except deprecated ones
 */
record ConfigurationMetadata(Map<String, Property> properties) {

	private static final Pattern OURS = Pattern
		.compile("tomcorn-spring-boot-(autoconfigure|actuate)|/(autoconfigure|actuate)/target/");

	private static final Pattern OPEN = Pattern.compile("java\\.util\\.(Map|Properties|List|Set|Collection)\\b.*");

	private static final Pattern ELEMENT = Pattern.compile("java\\.util\\.List<(dev\\.tomcorn\\..+)>");

	/**
	 * A property.
	 *
	 * @param type its type
	 * @param defaultValue its default, or {@code null}
	 * @param ours whether it belongs to Tomcorn
	 */
	record Property(String type, @Nullable String defaultValue, boolean ours) {
	}

	static ConfigurationMetadata load() {
		Map<String, Property> properties = new TreeMap<>();
		try {
			for (URL url : Collections.list(ConfigurationMetadata.class.getClassLoader()
				.getResources("META-INF/spring-configuration-metadata.json"))) {
				try (InputStream in = url.openStream()) {
					boolean ours = OURS.matcher(url.getPath()).find();
					new JsonMapper().readTree(in)
						.get("properties")
						.values()
						.stream()
						.filter((property) -> !property.has("deprecation"))
						.forEach((property) -> properties.put(property.get("name").asString(),
								property(property, ours)));
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return new ConfigurationMetadata(properties);
	}

	private static Property property(JsonNode property, boolean ours) {
		JsonNode defaultValue = property.get("defaultValue");
		return new Property(property.path("type").asString(""), (defaultValue == null || defaultValue.isNull()) ? null
				: defaultValue.isValueNode() ? defaultValue.asString() : defaultValue.toString(), ours);
	}

	/**
	 * Return whether there is a property of this name, in its canonical form, or a map or
	 * list that contains it. A property of a module that the tests do not have is
	 * accepted.
	 */
	boolean knows(String name) {
		if (this.properties.containsKey(name)) {
			return true;
		}
		for (int end = end(name, name.length()); end > 0; end = end(name, end)) {
			Property parent = this.properties.get(name.substring(0, end));
			if (parent != null && OPEN.matcher(parent.type()).matches()) {
				return hasPart(parent.type(), name.substring(end));
			}
		}
		return isOfAnotherModule(name);
	}

	private static int end(String name, int before) {
		return Math.max(name.lastIndexOf('.', before - 1), name.lastIndexOf('[', before - 1));
	}

	/**
	 * Return whether the elements of a list have a part. Other lists than Tomcorn's own
	 * are accepted.
	 * @param part such as {@code [0].path}
	 */
	private static boolean hasPart(String type, String part) {
		Matcher element = ELEMENT.matcher(type);
		if (!element.matches()) {
			return true;
		}
		try {
			RecordComponent[] components = Class
				.forName(element.group(1), false, ConfigurationMetadata.class.getClassLoader())
				.getRecordComponents();
			return Stream.of(components).anyMatch((component) -> part.matches("\\[\\d+]\\." + component.getName()));
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private boolean isOfAnotherModule(String name) {
		String[] parts = name.split("\\.", 3);
		return parts.length > 2 && parts[0].equals("spring")
				&& this.properties.keySet().stream().noneMatch((known) -> known.startsWith(parts[0] + "." + parts[1]));
	}

}
