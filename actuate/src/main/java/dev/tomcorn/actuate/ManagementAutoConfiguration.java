package dev.tomcorn.actuate;

import dev.tomcorn.peer.RunDirectoryWatch;
import dev.tomcorn.worker.OnSupervised;
import dev.tomcorn.worker.WorkerProcess;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.logging.LoggersEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.health.application.ReadinessStateHealthIndicator;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for health, liveness and logger
 * levels of the whole fleet.
 */
@AutoConfiguration(
		afterName = { "dev.tomcorn.tomcat.TomcornAutoConfiguration", "dev.tomcorn.peer.PeerAutoConfiguration",
				"org.springframework.boot.actuate.autoconfigure.logging.LoggersEndpointAutoConfiguration" })
@ConditionalOnBean(WorkerProcess.class)
public final class ManagementAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ ReadinessStateHealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
	static class HealthConfiguration {

		@Bean
		@ConditionalOnEnabledHealthIndicator("workers")
		@ConditionalOnMissingBean(name = "workersHealthIndicator")
		WorkersHealthIndicator workersHealthIndicator(WorkerProcess process) {
			return new WorkersHealthIndicator(process);
		}

		@Bean
		static FleetAvailability tomcornFleetAvailability(ObjectProvider<WorkerProcess> process,
				ObjectProvider<ApplicationAvailability> availability) {
			return new FleetAvailability(process, availability);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ LoggersEndpoint.class, ConditionalOnAvailableEndpoint.class })
	static class LoggersConfiguration {

		@Bean(destroyMethod = "close")
		@ConditionalOnBean(LoggersEndpoint.class)
		@Conditional(OnSupervised.class)
		@ConditionalOnMissingBean
		@Lazy(false)
		LoggerLevels tomcornLoggerLevels(WorkerProcess process, LoggersEndpoint endpoint,
				ObjectProvider<RunDirectoryWatch> watch) {
			LoggerLevels levels = new LoggerLevels(OnSupervised.runDirectory(process), endpoint::configureLogLevel);
			// A watch that is created here ends when the levels are closed
			levels.start(watch.getIfAvailable(RunDirectoryWatch::new));
			return levels;
		}

		@Bean
		@ConditionalOnBean(LoggerLevels.class)
		@ConditionalOnMissingBean
		@ConditionalOnAvailableEndpoint(endpoint = LoggersEndpoint.class, exposure = EndpointExposure.WEB)
		FleetLoggersEndpointExtension tomcornLoggersEndpointExtension(WorkerProcess process, LoggersEndpoint endpoint,
				LoggerLevels levels) {
			return new FleetLoggersEndpointExtension(endpoint, levels, process.slot().index());
		}

	}

}
