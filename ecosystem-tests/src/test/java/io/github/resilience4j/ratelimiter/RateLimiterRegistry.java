package io.github.resilience4j.ratelimiter;

import java.util.Collection;

/**
 * Stands in for Resilience4j's.
 */
public interface RateLimiterRegistry {

	/**
	 * As Resilience4j has it.
	 */
	Collection<String> getAllRateLimiters();

}
