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
 * Runs the checks of the table of warnings once the application is ready, and sends the
 * results to the arbiter, which logs each warning once.
 */
final class WarningReporter implements ApplicationListener<ApplicationReadyEvent>, ApplicationContextAware, Ordered {

	private static final Log logger = LogFactory.getLog(WarningReporter.class);

	private final WorkerProcess process;

	private final Set<String> told = ConcurrentHashMap.newKeySet();

	private @Nullable ApplicationContext context;

	/**
	 * Create a reporter.
	 * @param process the worker; a solo one reports nothing
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
					// A check must not prevent the boot of a worker
					logger.debug("Cannot look for '%s'".formatted(warning.name()), ex);
				}
			}
		}
	}

	/**
	 * Report an event that has happened while the application runs.
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
	 * Return whether a warning applies to the fleet as it is now and is not switched off.
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
		// Before the worker reports ready, so that warnings come first in the fleet's log
		return Ordered.LOWEST_PRECEDENCE - 1;
	}

}
