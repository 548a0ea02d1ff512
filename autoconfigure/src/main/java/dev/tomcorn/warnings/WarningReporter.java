package dev.tomcorn.warnings;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.tomcorn.warnings.FleetWarning.Scope;
import dev.tomcorn.worker.WorkerProcess;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;

/**
 * Looks for what the table of warnings has once the application is ready, and hands what
 * it finds to the arbiter, which logs each warning once.
 */
final class WarningReporter implements ApplicationListener<ApplicationReadyEvent>, ApplicationContextAware, Ordered {

	private static final Log logger = LogFactory.getLog(WarningReporter.class);

	private final WorkerProcess process;

	private final Set<String> told = ConcurrentHashMap.newKeySet();

	private @Nullable ApplicationContext context;

	/**
	 * Create a reporter.
	 * @param process the worker; solo, nothing is reported
	 */
	WarningReporter(WorkerProcess process) {
		this.process = process;
	}

	@Override
	public void setApplicationContext(ApplicationContext applicationContext) {
		this.context = applicationContext;
	}

	@Override
	public void onApplicationEvent(ApplicationReadyEvent event) {
		if (event.getApplicationContext() == this.context) {
			report(event.getApplicationContext());
		}
	}

	private void report(ConfigurableApplicationContext application) {
		ApplicationFacts facts = new ApplicationFacts(application);
		for (FleetWarning warning : FleetWarnings.all()) {
			if (matters(warning)) {
				try {
					String found = warning.check().find(facts);
					if (found != null) {
						tell(warning, found);
					}
				}
				catch (RuntimeException | LinkageError ex) {
					// No warning is worth a worker that does not boot
					logger.debug("Cannot look for '%s'".formatted(warning.name()), ex);
				}
			}
		}
	}

	/**
	 * Warn of something that has happened while the application runs.
	 * @param name name of the warning
	 */
	void happened(String name) {
		if (!this.told.contains(name)) {
			FleetWarning warning = FleetWarnings.named(name);
			if (matters(warning)) {
				tell(warning, "");
			}
		}
	}

	/**
	 * Return whether a warning matters for the fleet as it is now, and its user wants it.
	 */
	private boolean matters(FleetWarning warning) {
		if (!this.process.isSupervised()) {
			return false;
		}
		boolean several = this.process.scoreboard().targetWorkers() > 1;
		if (!several && warning.scope() == Scope.SEVERAL_WORKERS) {
			return false;
		}
		ApplicationContext application = this.context;
		return application == null || application.getEnvironment()
			.getProperty(FleetWarning.PROPERTY_PREFIX + warning.name(), Boolean.class, true);
	}

	private void tell(FleetWarning warning, String found) {
		if (this.told.add(warning.name())) {
			this.process.warn(warning.name(), warning.text(found));
		}
	}

	@Override
	public int getOrder() {
		// Before the worker says that it is ready, so that the fleet's log has it first
		return Ordered.LOWEST_PRECEDENCE - 1;
	}

}
