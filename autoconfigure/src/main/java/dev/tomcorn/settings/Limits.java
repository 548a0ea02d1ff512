package dev.tomcorn.settings;

import java.util.ArrayList;
import java.util.List;

import dev.tomcorn.request.RequestLimits;
import dev.tomcorn.worker.RecycleLimits;

import org.springframework.util.StringUtils;
import org.springframework.util.unit.DataSize;
import org.springframework.web.util.pattern.PathPatternParser;
import org.springframework.web.util.pattern.PatternParseException;

/**
 * Reads the limits of requests and those after which a worker is replaced.
 */
final class Limits {

	private Limits() {
	}

	static RequestLimits ofRequests(TomcornProperties properties) {
		List<RequestLimits.PathLimit> overrides = new ArrayList<>();
		for (TomcornProperties.RequestTimeoutOverride override : properties.getRequestTimeoutOverrides()) {
			String property = "tomcorn.request-timeout-overrides[%d]".formatted(overrides.size());
			if (override.path() == null || !override.path().startsWith("/")) {
				throw new InvalidSettingException(property + ".path", String.valueOf(override.path()),
						"a pattern that begins with '/'");
			}
			checkPattern(property + ".path", override.path());
			if (override.timeout() == null) {
				throw new InvalidSettingException(property + ".timeout", "", "a duration, 0 for no limit");
			}
			overrides.add(new RequestLimits.PathLimit(override.path(),
					SettingChecks.inRange(property + ".timeout", override.timeout())));
		}
		return new RequestLimits(SettingChecks.inRange("tomcorn.request-timeout", properties.getRequestTimeout()),
				overrides, SettingChecks.inRange("tomcorn.request-timeout-grace", properties.getRequestTimeoutGrace()),
				SettingChecks.inRange("tomcorn.slow-request-threshold", properties.getSlowRequestThreshold()));
	}

	private static void checkPattern(String property, String pattern) {
		try {
			PathPatternParser.defaultInstance.parse(pattern);
		}
		catch (PatternParseException ex) {
			throw new InvalidSettingException(property, pattern,
					"a valid path pattern of Spring MVC (%s)".formatted(ex.getMessage()));
		}
	}

	static RecycleLimits ofWorkers(TomcornProperties properties) {
		return new RecycleLimits(SettingChecks.fromZero("tomcorn.max-requests", properties.getMaxRequests()),
				SettingChecks.fromZero("tomcorn.max-requests-jitter", properties.getMaxRequestsJitter()),
				SettingChecks.inRange("tomcorn.max-lifetime", properties.getMaxLifetime()),
				(properties.getMaxMemory() != null)
						? SettingChecks.positive("tomcorn.max-memory", properties.getMaxMemory()) : 0,
				StringUtils.hasText(properties.getMaxHeapAfterGc()) ? heapAfterGc(properties.getMaxHeapAfterGc()) : 0);
	}

	private static long heapAfterGc(String value) {
		String property = "tomcorn.max-heap-after-gc";
		try {
			if (value.endsWith("%")) {
				int share = Integer.parseInt(value.substring(0, value.length() - 1).trim());
				if (share >= 1 && share <= 100) {
					return Runtime.getRuntime().maxMemory() / 100 * share;
				}
			}
			else {
				return SettingChecks.positive(property, DataSize.parse(value));
			}
		}
		catch (IllegalArgumentException ex) {
			// Reported below
		}
		throw new InvalidSettingException(property, value, "a size such as 600MB, or a share of the heap such as 85%");
	}

}
