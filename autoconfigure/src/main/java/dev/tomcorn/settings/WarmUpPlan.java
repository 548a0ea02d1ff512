package dev.tomcorn.settings;

import java.time.Duration;
import java.util.List;

/**
 * The requests of a warm-up.
 *
 * @param paths paths within the application, with their query strings
 * @param requests how often each path is requested, 1 or more
 * @param concurrency how many requests run at once, 1 or more; the worker class may allow
 * fewer
 * @param timeout longest time of the warm-up
 */
public record WarmUpPlan(List<String> paths, int requests, int concurrency, Duration timeout) {

	public WarmUpPlan {
		paths = List.copyOf(paths);
	}

}
