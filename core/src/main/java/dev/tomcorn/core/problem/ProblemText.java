package dev.tomcorn.core.problem;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Formats numbers for the sentences about problems.
 */
final class ProblemText {

	private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss'Z'", Locale.ROOT)
		.withZone(ZoneOffset.UTC);

	private static final long MEGABYTE = 1024 * 1024;

	private ProblemText() {
	}

	static String time(long clock) {
		return TIME.format(Instant.ofEpochMilli(clock));
	}

	static String span(Duration duration) {
		return millis(duration.toMillis());
	}

	/**
	 * Return a time with significant digits.
	 */
	static String millis(double millis) {
		if (millis < 1000) {
			return Math.round(millis) + " ms";
		}
		if (millis < 9950) {
			return String.format(Locale.ROOT, "%.1f s", millis / 1000).replace(".0 s", " s");
		}
		long seconds = Math.round(millis / 1000);
		if (seconds < 120) {
			return seconds + " s";
		}
		return (seconds < 7200) ? seconds / 60 + " min" : seconds / 3600 + " h";
	}

	static String percent(double percent) {
		return Math.round(percent) + " %";
	}

	static String megabytes(long bytes) {
		return bytes / MEGABYTE + " MB";
	}

	static String count(long number, String one, String many) {
		return number + " " + ((number == 1) ? one : many);
	}

}
