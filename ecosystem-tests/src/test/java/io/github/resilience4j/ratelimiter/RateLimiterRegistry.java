package io.github.resilience4j.ratelimiter;

import java.util.Collection;

/**
 * Stands in for Resilience4j's class.
 */
public interface RateLimiterRegistry {

	/**
	 * The same method as Resilience4j's.
	 */
	Collection<String> getAllRateLimiters();

}
