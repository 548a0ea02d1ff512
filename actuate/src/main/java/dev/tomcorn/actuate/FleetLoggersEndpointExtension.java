package dev.tomcorn.actuate;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.boot.actuate.logging.LoggersEndpoint;
import org.springframework.boot.logging.LogLevel;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} of Boot's {@link LoggersEndpoint}
 * that sets a level in all workers, or with {@code ?worker=2} in one.
 */
@EndpointWebExtension(endpoint = LoggersEndpoint.class)
public final class FleetLoggersEndpointExtension {

	private final LoggersEndpoint loggers;

	private final LoggerLevels levels;

	private final String index;

	/**
	 * Create the extension.
	 * @param loggers Boot's endpoint, for this worker
	 * @param levels the levels of all workers
	 * @param index this worker's index
	 */
	public FleetLoggersEndpointExtension(LoggersEndpoint loggers, LoggerLevels levels, int index) {
		this.loggers = loggers;
		this.levels = levels;
		this.index = Integer.toString(index);
	}

	/**
	 * Set or reset the level of a logger or group. Returns {@code void}, as the operation
	 * that it replaces; otherwise Boot would not take it for the same operation.
	 * @param name its name
	 * @param configuredLevel the level, {@code null} to reset it
	 * @param worker index of this worker to set it there only, {@code null} for all
	 * @throws InvalidEndpointRequestException if the name is invalid, or the body names
	 * another worker: only a query parameter selects one
	 * @throws ResponseStatusException if the level could be set in this worker only
	 */
	@WriteOperation
	public void configureLogLevel(@Selector String name, @Nullable LogLevel configuredLevel, @Nullable String worker) {
		if (worker != null) {
			if (!worker.equals(this.index)) {
				String reason = "worker is a parameter of the query, such as ?worker=" + this.index;
				throw new InvalidEndpointRequestException(reason, reason);
			}
			this.loggers.configureLogLevel(name, configuredLevel);
			return;
		}
		if (!LoggerLevelsFile.isName(name)) {
			String reason = "Not a valid logger name";
			throw new InvalidEndpointRequestException(reason, reason);
		}
		try {
			this.levels.set(name, configuredLevel);
		}
		catch (IOException ex) {
			throw new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE,
					"Set in this worker only: the change could not be written for the others", ex);
		}
	}

}
