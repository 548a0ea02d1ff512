package dev.tomcorn.settings;

import java.nio.file.Path;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * Checks of single values. Each returns the value, or throws an
 * {@link InvalidSettingException}.
 */
final class SettingChecks {

	static final Duration MAX_DURATION = Duration.ofDays(365);

	private SettingChecks() {
	}

	/**
	 * Check a number from 1.
	 */
	static int inRange(String property, int value, int max) {
		if (value < 1 || value > max) {
			throw new InvalidSettingException(property, Integer.toString(value), "a number from 1 to " + max);
		}
		return value;
	}

	/**
	 * Check a duration of at most a year.
	 */
	static Duration inRange(String property, Duration value) {
		if (value.isNegative() || value.compareTo(MAX_DURATION) > 0) {
			throw new InvalidSettingException(property, value.toString(), "a duration from 0 to 365 days");
		}
		return value;
	}

	/**
	 * Check a number from 0.
	 */
	static int fromZero(String property, int value) {
		if (value < 0) {
			throw new InvalidSettingException(property, Integer.toString(value), "a number from 0");
		}
		return value;
	}

	/**
	 * Check a size.
	 * @return the size in bytes
	 */
	static long positive(String property, DataSize value) {
		if (value.toBytes() <= 0) {
			throw new InvalidSettingException(property, value.toString(), "a size above 0");
		}
		return value.toBytes();
	}

	/**
	 * Check a path, which may be missing.
	 */
	static @Nullable Path absolute(String property, @Nullable Path value) {
		if (value != null && !value.isAbsolute()) {
			throw new InvalidSettingException(property, value.toString(), "an absolute path");
		}
		return value;
	}

}
