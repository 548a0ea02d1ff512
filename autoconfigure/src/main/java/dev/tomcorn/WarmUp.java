package dev.tomcorn;

import jakarta.servlet.ServletRequest;

/**
 * Warms a worker up. Each bean of this type runs in every worker, after the application
 * is ready and before the worker takes traffic, so a standby and the workers of a reload
 * are warm when they begin to serve. Beans run one after the other, in their order, and
 * before the requests of {@code tomcorn.warm-up.paths}. All of it together may take
 * {@code tomcorn.warm-up.timeout}.
 */
@FunctionalInterface
public interface WarmUp {

	/**
	 * Name of the request attribute that a request of the warm-up has. No client can set
	 * it.
	 */
	String ATTRIBUTE = "dev.tomcorn.warm-up";

	/**
	 * Name of the header that a request of the warm-up has, with the value {@code true}.
	 * A client may send it, too.
	 */
	String HEADER = "X-Tomcorn-Warm-Up";

	/**
	 * Warm the worker up. The thread is interrupted when the time is over or the worker
	 * ends.
	 * @param client sends requests to the application in this worker
	 * @throws Exception if the warm-up fails; that is logged, and the worker serves all
	 * the same
	 */
	void warmUp(WarmUpClient client) throws Exception;

	/**
	 * Return whether a request is one of the warm-up.
	 * @param request the request
	 * @return whether it has {@link #ATTRIBUTE}
	 */
	static boolean isWarmUp(ServletRequest request) {
		return request.getAttribute(ATTRIBUTE) != null;
	}

}
