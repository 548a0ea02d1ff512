package dev.tomcorn.it;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An application with its own sources and build, described by a file
 * {@code NAME.properties} (CONTRIBUTING.md).
 *
 * @param name its name
 * @param sources the directory with its sources
 * @param properties the content of the file, with placeholders
 */
record RealApplication(String name, Path sources, Map<String, String> properties) {

	static final String POSTGRESQL = "${postgresql.";

	private static final String SUFFIX = ".properties";

	private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]+)}");

	/**
	 * A page that the load requests.
	 *
	 * @param path its path
	 * @param status the expected status
	 */
	record Page(String path, int status) {

		static Page of(String text) {
			String[] parts = text.strip().split(" ");
			return new Page(parts[0], (parts.length > 1) ? Integer.parseInt(parts[1]) : 200);
		}

		@Override
		public String toString() {
			return "GET " + this.path;
		}

	}

	/**
	 * Return the applications that the files of a directory describe, by name.
	 */
	static List<RealApplication> in(Path directory) {
		try (Stream<Path> files = Files.list(directory)) {
			return files.filter((file) -> file.toString().endsWith(SUFFIX))
				.sorted()
				.map(RealApplication::read)
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static RealApplication read(Path file) {
		Properties properties = new Properties();
		try (Reader reader = Files.newBufferedReader(file)) {
			properties.load(reader);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Map<String, String> map = new TreeMap<>();
		properties.stringPropertyNames().forEach((key) -> map.put(key, properties.getProperty(key)));
		String fileName = file.getFileName().toString();
		String name = fileName.substring(0, fileName.length() - SUFFIX.length());
		return new RealApplication(name, file.resolveSibling(map.getOrDefault("sources", name)), map);
	}

	boolean needsPostgresql() {
		return this.properties.values().stream().anyMatch((value) -> value.contains(POSTGRESQL));
	}

	/**
	 * Replace the placeholders of all values.
	 */
	RealApplication with(Map<String, String> values) {
		UnaryOperator<String> replace = (text) -> PLACEHOLDER.matcher(text)
			.replaceAll((match) -> Matcher.quoteReplacement(
					values.getOrDefault(match.group(1), System.getProperty(match.group(1), match.group()))));
		return new RealApplication(this.name, this.sources,
				this.properties.entrySet()
					.stream()
					.collect(Collectors.toMap(Map.Entry::getKey, (entry) -> replace.apply(entry.getValue()),
							(one, other) -> one, TreeMap::new)));
	}

	/**
	 * Return the version of Boot that replaces the one in the build file.
	 */
	Optional<String> boot() {
		return value("boot");
	}

	String goals() {
		return value("goals").orElse("package");
	}

	List<Page> pages() {
		return list("pages", ",").map(Page::of).toList();
	}

	/**
	 * Return the application's own arguments.
	 */
	String[] arguments() {
		return list("arguments", "\\s+").toArray(String[]::new);
	}

	/**
	 * Return the form that signs a client in: a path and, after a blank, the body.
	 */
	Optional<String> login() {
		return value("login");
	}

	/**
	 * Return the path of a metric of Actuator that counts requests.
	 */
	Optional<String> counter() {
		return value("counter");
	}

	/**
	 * Return the path of a STOMP endpoint.
	 */
	Optional<String> webSocket() {
		return value("websocket");
	}

	/**
	 * Return a page and, after a blank, its expected body at the end.
	 */
	Optional<String> finallyPage() {
		return value("finally");
	}

	/**
	 * Return the arguments with which the packaged application is a server that it needs.
	 */
	Optional<String> beside() {
		return value("beside");
	}

	/**
	 * Return environment variables of its tests and of itself.
	 */
	Map<String, String> environment() {
		String prefix = "environment.";
		return this.properties.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().startsWith(prefix))
			.collect(Collectors.toMap((entry) -> entry.getKey().substring(prefix.length()), Map.Entry::getValue));
	}

	private Stream<String> list(String key, String separator) {
		return value(key).stream().flatMap((value) -> Stream.of(value.split(separator))).map(String::strip);
	}

	private Optional<String> value(String key) {
		return Optional.ofNullable(this.properties.get(key)).map(String::strip).filter((value) -> !value.isEmpty());
	}

	@Override
	public String toString() {
		return this.name;
	}

}
