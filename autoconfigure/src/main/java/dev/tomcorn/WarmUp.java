package dev.tomcorn;

import jakarta.servlet.ServletRequest;

/**
 * Warms a worker up. Each bean of this type runs in every worker, after the application
 * is ready and before the worker takes traffic, so a standby and the workers of a reload
 * are warm when they begin to serve. Beans run one after the other, in their order, and
 * before the requests of {@code tomcorn.warm-up.paths}. The whole warm-up may take {@code
 * tomcorn.warm-up.timeout}.
 */
@FunctionalInterface
public interface WarmUp {

	/**
	 * Name of the request attribute of a request of the warm-up. No client can set it.
	 */
	String ATTRIBUTE = "dev.tomcorn.warm-up";

	/**
	 * Name of the header of a request of the warm-up, with the value {@code true}. A
	 * client may send it, too.
	 */
	String HEADER = "X-Tomcorn-Warm-Up";

	/**
	 * Warm the worker up. The thread is interrupted when the time is over or the worker
	 * ends.
	 * @param client sends requests to the application in this worker
	 * @throws Exception if the warm-up fails; the failure is logged, and the worker
	 * serves anyway
	 */
	void warmUp(WarmUpClient client) throws Exception;

	/**
	 * Return whether a request belongs to the warm-up.
	 * @param request the request
	 * @return whether it has {@link #ATTRIBUTE}
	 */
	static boolean isWarmUp(ServletRequest request) {
		return request.getAttribute(ATTRIBUTE) != null;
	}

}
