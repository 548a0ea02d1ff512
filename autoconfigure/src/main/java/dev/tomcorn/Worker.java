package dev.tomcorn;

import java.time.Duration;

/**
 * Describes the worker that runs this application, for application code.
 */
public interface Worker {

	/**
	 * Return the worker's index in the fleet. A replacement has the index of the worker
	 * it replaces.
	 * @return the index, from 0; always 0 when solo
	 */
	int index();

	/**
	 * Return the name of the worker class.
	 * @return {@code sync}, {@code gthread}, {@code gevent} or the name of a custom class
	 */
	String workerClass();

	/**
	 * Return whether an arbiter supervises the worker.
	 * @return {@code true} if the worker is supervised, {@code false} if it is solo
	 */
	boolean supervised();

	/**
	 * Give the request that runs on the calling thread more time. From now on it may take
	 * at least the given time, whatever {@code tomcorn.request-timeout} and its overrides
	 * are. This never shortens its time. May be called repeatedly. Has no effect in a
	 * request of the warm-up, which has no limit.
	 * @param more time from now, 0 or more; a year at most, longer times are reduced to
	 * that
	 * @throws IllegalStateException if the calling thread runs no request, for example a
	 * thread that the application has started itself, or if the request's time has
	 * already passed
	 * @throws IllegalArgumentException if the time is negative
	 */
	void extendRequest(Duration more);

}
