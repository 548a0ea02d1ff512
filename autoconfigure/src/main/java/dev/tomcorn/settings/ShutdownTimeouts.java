package dev.tomcorn.settings;

import java.time.Duration;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.util.ClassUtils;

/**
 * How long the end of an application may take, which also depends on properties of Spring
 * Boot.
 */
public final class ShutdownTimeouts {

	/**
	 * Boot's default.
	 */
	private static final Duration SHUTDOWN_PHASE = Duration.ofSeconds(30);

	private static final Duration CLOSE_MARGIN = Duration.ofSeconds(10);

	private static final Duration COMPOSE_STOP = Duration.ofSeconds(10);

	private ShutdownTimeouts() {
	}

	/**
	 * Return the time limit of the drain. Boot's immediate shutdown also disables the
	 * drain, unless the user sets a limit.
	 */
	static Duration gracefulTimeout(TomcornProperties properties, Binder binder) {
		boolean immediate = "immediate"
			.equalsIgnoreCase(binder.bind("server.shutdown", String.class).orElse("graceful"));
		if (TomcornSettings.isSet(binder, "tomcorn.graceful-timeout")) {
			return SettingChecks.inRange("tomcorn.graceful-timeout", properties.getGracefulTimeout());
		}
		return immediate ? Duration.ZERO : shutdownPhase(binder);
	}

	/**
	 * Return the time limit for the close of the application: the sum of Spring's limits
	 * and a margin.
	 */
	static Duration closeTimeout(Binder binder) {
		return CLOSE_MARGIN.plus(shutdownPhase(binder))
			.plus(awaitTermination(binder, "spring.task.execution.shutdown"))
			.plus(awaitTermination(binder, "spring.task.scheduling.shutdown"))
			.plus(composeStop(binder));
	}

	/**
	 * Return the longest time for the last worker to stop the services of Docker Compose.
	 */
	private static Duration composeStop(Binder binder) {
		return ClassUtils.isPresent("org.springframework.boot.docker.compose.core.DockerCompose", null)
				? duration(binder, "spring.docker.compose.stop.timeout", COMPOSE_STOP) : Duration.ZERO;
	}

	/**
	 * Return the longest time of a phase of the application's shutdown.
	 * @param binder the binder
	 * @return the time
	 */
	public static Duration shutdownPhase(Binder binder) {
		return duration(binder, "spring.lifecycle.timeout-per-shutdown-phase", SHUTDOWN_PHASE);
	}

	private static Duration awaitTermination(Binder binder, String prefix) {
		boolean awaits = binder.bind(prefix + ".await-termination", Boolean.class).orElse(false);
		return awaits ? duration(binder, prefix + ".await-termination-period", Duration.ZERO) : Duration.ZERO;
	}

	private static Duration duration(Binder binder, String property, Duration otherwise) {
		Duration duration = binder.bind(property, Duration.class).orElse(otherwise);
		return (duration.isNegative() || duration.compareTo(SettingChecks.MAX_DURATION) > 0) ? otherwise : duration;
	}

}
