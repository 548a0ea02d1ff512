package dev.tomcorn.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;

/**
 * How a worker warms up: by requests to itself before it serves, and by fewer connections
 * than its siblings at first.
 *
 * @param plan the requests
 * @param slowStart how long it gets less than its share of connections; zero for no slow
 * start
 */
public record WarmUpSettings(WarmUpPlan plan, Duration slowStart) {

	private static final String PREFIX = "tomcorn.warm-up.";

	private static final int MAX_REQUESTS = 1_000_000;

	private static final int MAX_CONCURRENCY = 1000;

	private static final Duration MAX_TIMEOUT = Duration.ofHours(1);

	private static final Duration MAX_SLOW_START = Duration.ofDays(1);

	static WarmUpSettings of(TomcornProperties properties) {
		TomcornProperties.WarmUp warmUp = properties.getWarmUp();
		checkPaths(warmUp.getPaths());
		return new WarmUpSettings(new WarmUpPlan(warmUp.getPaths(),
				SettingChecks.inRange(PREFIX + "requests", warmUp.getRequests(), MAX_REQUESTS),
				SettingChecks.inRange(PREFIX + "concurrency", warmUp.getConcurrency(), MAX_CONCURRENCY),
				timeout(warmUp.getTimeout())), slowStart(properties.getSlowStart()));
	}

	private static void checkPaths(List<String> paths) {
		for (int number = 0; number < paths.size(); number++) {
			String path = paths.get(number);
			if (!isPath(path)) {
				throw new InvalidSettingException(PREFIX + "paths[%d]".formatted(number), path,
						"a path within the application that begins with '/', such as /orders?page=1, encoded as in a URL");
			}
		}
	}

	private static boolean isPath(String text) {
		try {
			URI uri = new URI(text);
			return text.startsWith("/") && uri.getRawAuthority() == null && uri.getRawFragment() == null;
		}
		catch (URISyntaxException ex) {
			return false;
		}
	}

	/**
	 * Check the time limit. Zero, which means no limit elsewhere, is invalid, because a
	 * warm-up must end.
	 */
	private static Duration timeout(Duration value) {
		if (!value.isPositive() || value.compareTo(MAX_TIMEOUT) > 0) {
			throw new InvalidSettingException(PREFIX + "timeout", value.toString(),
					"a duration above 0, at most an hour. Without paths there is no warm-up");
		}
		return value;
	}

	private static Duration slowStart(Duration value) {
		if (value.isNegative() || value.compareTo(MAX_SLOW_START) > 0) {
			throw new InvalidSettingException("tomcorn.slow-start", value.toString(), "a duration from 0 to a day");
		}
		return value;
	}

}
