package dev.tomcorn.entry;

import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * The version of Java that the other packages are compiled for.
 */
final class RequiredJava {

	static final int FEATURE_VERSION = 25;

	private RequiredJava() {
	}

	/**
	 * Return the problem of the running Java version, in one line.
	 * @return the line, or {@code null} if the version is new enough
	 */
	static @Nullable String problem() {
		return problem(Runtime.version(), System.getProperty("java.home"));
	}

	static @Nullable String problem(Runtime.Version version, String home) {
		if (version.feature() >= FEATURE_VERSION) {
			return null;
		}
		String number = version.version().stream().map(String::valueOf).collect(Collectors.joining("."));
		return String.format("Tomcorn needs Java %d or newer, and this is Java %s (%s). Use a JDK %d or newer.",
				FEATURE_VERSION, number, home, FEATURE_VERSION);
	}

}
