package dev.tomcorn.launch;

import dev.tomcorn.settings.TomcornSettings;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Decides what this JVM is to be for an application, by what its environment says so far.
 * Who registers a {@link RunningJvm} in the bootstrap context has it decided for that
 * one.
 */
final class Launches {

	private Launches() {
	}

	static Launch decide(ConfigurableBootstrapContext bootstrapContext, SpringApplication application,
			ConfigurableEnvironment environment) {
		RunningJvm jvm = bootstrapContext.getOrElse(RunningJvm.class, null);
		return new LaunchDecision((jvm != null) ? jvm : RunningJvm.current(), application, environment,
				() -> supervisionSettings(environment))
			.decide();
	}

	/**
	 * Return what an environment says about worker processes. Where it asks for none, a
	 * setting that cannot be read yet is left to the application's context.
	 */
	static SupervisionSettings supervisionSettings(Environment environment) {
		try {
			TomcornSettings settings = TomcornSettings.of(environment);
			return new SupervisionSettings(settings.workers(), settings.arbiterEnabled());
		}
		catch (RuntimeException ex) {
			if (asksForWorkers(environment)) {
				throw ex;
			}
			return new SupervisionSettings(1, null);
		}
	}

	private static boolean asksForWorkers(Environment environment) {
		String arbiter = ArbiterOnlySettings.text(environment, "tomcorn.arbiter.enabled");
		if (StringUtils.hasText(arbiter)) {
			return !arbiter.trim().equalsIgnoreCase("false");
		}
		String workers = ArbiterOnlySettings.text(environment, "tomcorn.workers");
		if (!StringUtils.hasText(workers)) {
			workers = ArbiterOnlySettings.text(environment, "WEB_CONCURRENCY");
		}
		return StringUtils.hasText(workers) && !workers.trim().equals("1");
	}

}
