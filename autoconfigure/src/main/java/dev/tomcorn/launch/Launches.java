package dev.tomcorn.launch;

import dev.tomcorn.settings.TomcornSettings;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Decides the role of this JVM for an application from its current environment. If a
 * {@link RunningJvm} is registered in the bootstrap context, the decision is made for
 * that one.
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
	 * Return the settings about worker processes. If the environment asks for none, a
	 * setting that is not readable yet is left to the application's context.
	 */
	static SupervisionSettings supervisionSettings(Environment environment) {
		try {
			return SupervisionSettings.of(TomcornSettings.of(environment));
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
