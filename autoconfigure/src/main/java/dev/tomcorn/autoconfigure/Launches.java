package dev.tomcorn.autoconfigure;

import dev.tomcorn.launch.Launch;
import dev.tomcorn.launch.LaunchDecision;
import dev.tomcorn.launch.RunningJvm;
import dev.tomcorn.launch.Wanted;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Keeps the decision what this JVM is to be, from whoever asks first, in the bootstrap
 * context of the application. Who registers a {@link RunningJvm} there has the decision
 * made for that one.
 */
final class Launches {

	private Launches() {
	}

	static Launch of(ConfigurableBootstrapContext bootstrapContext, SpringApplication application,
			ConfigurableEnvironment environment) {
		Launch launch = bootstrapContext.getOrElse(Launch.class, null);
		if (launch == null) {
			RunningJvm jvm = bootstrapContext.getOrElse(RunningJvm.class, null);
			launch = new LaunchDecision((jvm != null) ? jvm : RunningJvm.current(), application, environment,
					() -> wanted(environment))
				.decide();
			bootstrapContext.register(Launch.class, InstanceSupplier.of(launch));
		}
		return launch;
	}

	private static Wanted wanted(ConfigurableEnvironment environment) {
		TomcornSettings settings = TomcornSettings.of(environment);
		return new Wanted(settings.workers(), settings.arbiterEnabled());
	}

}
