package dev.tomcorn.request;

import java.time.Duration;
import java.util.List;

/**
 * Limits on the time of a request. Zero stands for no limit.
 *
 * @param timeout time after which a request is interrupted
 * @param overrides limits for some paths in place of the timeout; the first match applies
 * @param grace time that an interrupted request may take to end before its worker is
 * replaced
 * @param slowThreshold time after which the stack of a request is logged
 */
public record RequestLimits(Duration timeout, List<PathLimit> overrides, Duration grace, Duration slowThreshold) {

	public RequestLimits {
		overrides = List.copyOf(overrides);
	}

	/**
	 * Return whether there is a limit at which a request is interrupted.
	 * @return whether any request may be interrupted
	 */
	public boolean interrupt() {
		return !this.timeout.isZero() || this.overrides.stream().anyMatch((limit) -> !limit.timeout().isZero());
	}

	/**
	 * A limit for some paths.
	 *
	 * @param pattern pattern of the paths within the application, in the syntax of Spring
	 * MVC
	 * @param timeout time after which a request is interrupted
	 */
	public record PathLimit(String pattern, Duration timeout) {
	}

}
