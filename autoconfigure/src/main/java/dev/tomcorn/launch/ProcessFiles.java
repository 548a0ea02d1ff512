package dev.tomcorn.launch;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

import dev.tomcorn.core.process.WorkerLabel;
import org.jspecify.annotations.Nullable;

import org.springframework.core.env.PropertyResolver;

/**
 * The files that Boot's properties name, for one process of a fleet. Two processes must
 * not write or roll the same file.
 */
final class ProcessFiles {

	private static final String NAME = "logging.file.name";

	private static final String PATH = "logging.file.path";

	private static final String ACCESS_LOG = "server.tomcat.accesslog.";

	private static final String PATTERN = ".rollingpolicy.file-name-pattern";

	private final PropertyResolver properties;

	private final Map<String, Object> changed = new LinkedHashMap<>();

	private ProcessFiles(PropertyResolver properties) {
		this.properties = properties;
	}

	/**
	 * Return the properties that are different in a worker.
	 * @param properties the properties as the user has set them
	 * @param label the label in the names of the worker's files
	 */
	static Map<String, Object> ofWorker(PropertyResolver properties, WorkerLabel label) {
		ProcessFiles files = new ProcessFiles(properties);
		files.change(label.toString(), label::in);
		files.changeAccessLog(label);
		return files.changed;
	}

	/**
	 * Return the properties that are different in a process whose files need no label.
	 * @param properties the properties as the user has set them
	 * @param name the text in place of a worker's label
	 */
	static Map<String, Object> ofOther(PropertyResolver properties, String name) {
		ProcessFiles files = new ProcessFiles(properties);
		files.change(name, (file) -> file.replace(WorkerLabel.PLACEHOLDER, name));
		for (String part : new String[] { "directory", "prefix", "suffix" }) {
			files.replace(ACCESS_LOG + part, name);
		}
		return files.changed;
	}

	private void change(String name, UnaryOperator<String> rename) {
		String file = value(NAME);
		String path = replace(PATH, name);
		if (file != null) {
			put(NAME, file, rename.apply(file));
		}
		else if (path != null && path.equals(value(PATH))) {
			// Boot's name of the file in that directory
			String usual = Path.of(path, "spring.log").toString();
			put(NAME, usual, rename.apply(usual));
		}
		for (String system : new String[] { "logback", "log4j2" }) {
			String pattern = value("logging." + system + PATTERN);
			if (pattern != null && !pattern.contains("${LOG_FILE}") && !pattern.contains("${sys:LOG_FILE}")) {
				put("logging." + system + PATTERN, pattern, rename.apply(pattern));
			}
		}
	}

	private void changeAccessLog(WorkerLabel label) {
		if (!this.properties.getProperty(ACCESS_LOG + "enabled", Boolean.class, false)) {
			return;
		}
		String text = label.toString();
		String directory = this.properties.getProperty(ACCESS_LOG + "directory", "logs");
		String prefix = this.properties.getProperty(ACCESS_LOG + "prefix", "access_log");
		String suffix = this.properties.getProperty(ACCESS_LOG + "suffix", ".log");
		replace(ACCESS_LOG + "directory", text);
		replace(ACCESS_LOG + "suffix", text);
		if (prefix.contains(WorkerLabel.PLACEHOLDER)) {
			replace(ACCESS_LOG + "prefix", text);
		}
		else if (!(directory + suffix).contains(WorkerLabel.PLACEHOLDER) && !WorkerLabel.isDevice(directory)
				&& !WorkerLabel.isDevice(prefix)) {
			this.changed.put(ACCESS_LOG + "prefix", prefix + "-" + text);
		}
	}

	private @Nullable String replace(String property, String text) {
		String value = value(property);
		String replaced = (value != null) ? value.replace(WorkerLabel.PLACEHOLDER, text) : null;
		if (value != null && replaced != null) {
			put(property, value, replaced);
		}
		return replaced;
	}

	private @Nullable String value(String property) {
		String value = this.properties.getProperty(property);
		return (value != null && !value.isEmpty()) ? value : null;
	}

	private void put(String property, String value, String newValue) {
		if (!newValue.equals(value)) {
			this.changed.put(property, newValue);
		}
	}

}
