package dev.tomcorn;

import java.time.Duration;

/**
 * The worker that runs this application, for application code that wants to know.
 */
public interface Worker {

	/**
	 * Return the worker's place in the fleet. A replacement has the index of the worker
	 * it replaces.
	 * @return the index, from 0; always 0 when solo
	 */
	int index();

	/**
	 * Return how the worker runs requests.
	 * @return {@code sync}, {@code gthread}, {@code gevent} or the name of a custom class
	 */
	String workerClass();

	/**
	 * Return whether an arbiter supervises the worker.
	 * @return whether the worker is supervised, rather than solo
	 */
	boolean supervised();

	/**
	 * Give the request that runs on the calling thread more time. From now on it may take
	 * at least as long as given, whatever {@code tomcorn.request-timeout} and its
	 * overrides say; this never takes time away. May be called again and again. A request
	 * of the warm-up has no limit of its own, and nothing happens.
	 * @param more time from now, 0 or more; a year counts for what is longer
	 * @throws IllegalStateException if the calling thread runs no request, such as one
	 * that the application has started itself, or if the request's time has passed
	 * already
	 * @throws IllegalArgumentException if the time is negative
	 */
	void extendRequest(Duration more);

}
