package dev.tomcorn.management;

import java.io.IOException;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.boot.actuate.logging.LoggersEndpoint;
import org.springframework.boot.logging.LogLevel;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} of Boot's {@link LoggersEndpoint}
 * that sets a level in all workers, or with {@code ?worker=2} in a given one.
 */
@EndpointWebExtension(endpoint = LoggersEndpoint.class)
public final class FleetLoggersEndpointExtension {

	private final LoggersEndpoint loggers;

	private final LoggerLevels levels;

	/**
	 * Create the extension.
	 * @param loggers Boot's endpoint, for this worker
	 * @param levels the levels of all workers
	 */
	public FleetLoggersEndpointExtension(LoggersEndpoint loggers, LoggerLevels levels) {
		this.loggers = loggers;
		this.levels = levels;
	}

	/**
	 * Set or reset the level of a logger or group.
	 * @param name its name
	 * @param configuredLevel the level, {@code null} to reset it
	 * @param worker the worker that it is for, which is the one that has been reached;
	 * {@code null} for all
	 * @return 204, 400 if that cannot be a name, or 503 if only this worker could be told
	 */
	@WriteOperation
	public WebEndpointResponse<@Nullable Map<String, Object>> configureLogLevel(@Selector String name,
			@Nullable LogLevel configuredLevel, @Nullable String worker) {
		if (worker != null) {
			this.loggers.configureLogLevel(name, configuredLevel);
			return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NO_CONTENT);
		}
		if (!LoggerLevelsFile.isName(name)) {
			return new WebEndpointResponse<>(Map.of("detail", "Not the name of a logger"),
					WebEndpointResponse.STATUS_BAD_REQUEST);
		}
		try {
			this.levels.set(name, configuredLevel);
			return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NO_CONTENT);
		}
		catch (IOException ex) {
			return new WebEndpointResponse<>(
					Map.of("detail", "Set in this worker only, the others cannot be told: " + ex),
					WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
		}
	}

}
