package dev.tomcorn.launch;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.process.WorkerLabel;
import dev.tomcorn.core.scoreboard.FleetLocks;
import dev.tomcorn.logs.ProcessName;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.boot.logging.LoggingSystemProperty;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.PropertySourcesPropertyResolver;
import org.springframework.util.StringUtils;

/**
 * {@link EnvironmentPostProcessor} that makes the logs of a fleet readable together: each
 * line names its process, and each process has files of its own. It runs before the
 * logging system is set up, and leaves a solo application's logs as they are.
 */
final class LogsEnvironmentPostProcessor implements EnvironmentPostProcessor, Ordered {

	static final String SOURCE = "tomcornLogs";

	private static final String INCLUDE_GROUP = "logging.include-application-group";

	private static final String INDEX = "tomcorn.worker.index";

	private static final String FIELD = "logging.structured.json.add.worker";

	private final ConfigurableBootstrapContext bootstrapContext;

	LogsEnvironmentPostProcessor(ConfigurableBootstrapContext bootstrapContext) {
		this.bootstrapContext = bootstrapContext;
	}

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		// Preliminary: later post-processors may still change the environment
		Launch launch = Launches.decide(this.bootstrapContext, application, environment);
		this.bootstrapContext.register(Launch.class, InstanceSupplier.of(launch));
		tell(launch, environment);
	}

	/**
	 * Configure the logs for the final role of this JVM.
	 * @return whether they were set up for another configuration
	 */
	boolean tellAgain(Launch launch, ConfigurableEnvironment environment) {
		Launch before = this.bootstrapContext.getOrElse(Launch.class, null);
		if (before == null) {
			return false;
		}
		PropertySource<?> told = environment.getPropertySources().remove(SOURCE);
		if (told != null && told.containsProperty(INCLUDE_GROUP)) {
			System.clearProperty(LoggingSystemProperty.APPLICATION_GROUP.getEnvironmentVariableName());
		}
		tell(launch, environment);
		boolean other = before.role() != launch.role() || before.served() != launch.served();
		return other && !Objects.equals(contents(told), contents(environment.getPropertySources().get(SOURCE)));
	}

	/**
	 * Return the name of this process in log lines, or {@code null} if they have none:
	 * the application runs solo, or the user wants no group in them.
	 */
	static @Nullable ProcessName nameOf(Launch launch, ConfigurableEnvironment environment) {
		PropertySource<?> told = environment.getPropertySources().get(SOURCE);
		if (told == null || !told.containsProperty(INCLUDE_GROUP)) {
			return null;
		}
		WorkerIdentity identity = launch.identity();
		return switch (launch.role()) {
			case WORKER -> (identity != null) ? ProcessName.ofWorker(identity.placement().index()) : null;
			case ARBITER -> ProcessName.ofArbiter();
			case SOLO, ORPHAN -> null;
		};
	}

	/**
	 * Return whether an environment belongs to the application for which a worker was
	 * started.
	 */
	static boolean isOfWorker(ConfigurableEnvironment environment) {
		PropertySource<?> told = environment.getPropertySources().get(SOURCE);
		return told != null && told.containsProperty(INDEX);
	}

	private static @Nullable Object contents(@Nullable PropertySource<?> source) {
		return (source != null) ? source.getSource() : null;
	}

	private void tell(Launch launch, ConfigurableEnvironment environment) {
		WorkerIdentity identity = launch.identity();
		switch (launch.role()) {
			case WORKER -> tellWorker(environment, label(Objects.requireNonNull(identity)));
			case ARBITER -> tellArbiter(environment);
			case SOLO -> {
				// A second application in a worker uses the first one's logs
				if (launch.served() && identity == null) {
					add(environment, ProcessFiles.ofOther(properties(environment), "0"));
				}
			}
			case ORPHAN -> {
			}
		}
	}

	/**
	 * Return the label. The arbiter has chosen one that was free when it started this
	 * process.
	 */
	private WorkerLabel label(WorkerIdentity identity) {
		WorkerLabel label = this.bootstrapContext.getOrElse(WorkerLabel.class, null);
		if (label == null) {
			label = claim(identity);
			this.bootstrapContext.register(WorkerLabel.class, InstanceSupplier.of(label));
		}
		return label;
	}

	private WorkerLabel claim(WorkerIdentity identity) {
		int index = identity.placement().index();
		WorkerLabel chosen = WorkerLabel.fromEnvironment(System.getenv(), index);
		try {
			FleetLocks locks = FleetLocks.open(WorkerIdentity.locks(identity.runDirectory()), identity.arbiterPid());
			this.bootstrapContext.register(FleetLocks.class, InstanceSupplier.of(locks));
			return new WorkerLabel(index, locks.claimName(index, chosen.suffix()));
		}
		catch (IOException ex) {
			// The arbiter has ended, so this worker will fail anyway
			return chosen;
		}
	}

	static void tellWorker(ConfigurableEnvironment environment, WorkerLabel label) {
		Map<String, Object> properties = new LinkedHashMap<>(ProcessFiles.ofWorker(properties(environment), label));
		properties.put(INDEX, label.index());
		properties.put("tomcorn.worker.label", label.toString());
		name(environment, properties, "worker-" + label.index(), Integer.toString(label.index()));
	}

	static void tellArbiter(ConfigurableEnvironment environment) {
		Map<String, Object> properties = new LinkedHashMap<>(ProcessFiles.ofOther(properties(environment), "arbiter"));
		name(environment, properties, "arbiter", "arbiter");
	}

	/**
	 * Show the process name as the application's group in Boot's patterns, after the
	 * user's own group if there is one. The group is changed for the logs only, because
	 * telemetry uses the property as the name of a group of services.
	 */
	private static void name(ConfigurableEnvironment environment, Map<String, Object> properties, String name,
			String field) {
		if (environment.getProperty(INCLUDE_GROUP, Boolean.class, true)) {
			String group = environment.getProperty("spring.application.group");
			System.setProperty(LoggingSystemProperty.APPLICATION_GROUP.getEnvironmentVariableName(),
					StringUtils.hasText(group) ? group + " " + name : name);
			// Otherwise Boot would replace it by the user's group
			properties.put(INCLUDE_GROUP, false);
		}
		if (!environment.containsProperty(FIELD)) {
			properties.put(FIELD, field);
		}
		add(environment, properties);
	}

	private static PropertySourcesPropertyResolver properties(ConfigurableEnvironment environment) {
		// As Boot reads them: placeholders of the logging systems stay unresolved
		PropertySourcesPropertyResolver resolver = new PropertySourcesPropertyResolver(
				environment.getPropertySources());
		resolver.setConversionService(environment.getConversionService());
		resolver.setIgnoreUnresolvableNestedPlaceholders(true);
		return resolver;
	}

	private static void add(ConfigurableEnvironment environment, Map<String, Object> properties) {
		if (!properties.isEmpty()) {
			environment.getPropertySources().addFirst(new MapPropertySource(SOURCE, properties));
		}
	}

	@Override
	public int getOrder() {
		// After all post-processors that may set the properties
		return Ordered.LOWEST_PRECEDENCE;
	}

}
