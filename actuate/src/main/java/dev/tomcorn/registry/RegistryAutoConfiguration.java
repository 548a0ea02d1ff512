package dev.tomcorn.registry;

import dev.tomcorn.WorkerDrainingEvent;
import dev.tomcorn.WorkerReadyEvent;
import dev.tomcorn.worker.OnSupervised;
import dev.tomcorn.worker.WorkerProcess;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * {@link EnableAutoConfiguration Auto-configuration} that registers a fleet as one
 * instance in a service registry.
 */
@AutoConfiguration(afterName = "dev.tomcorn.tomcat.TomcornAutoConfiguration")
@ConditionalOnBean(WorkerProcess.class)
@Conditional({ OnSupervised.class, RegistryAutoConfiguration.OnClient.class })
public final class RegistryAutoConfiguration {

	@Bean
	FleetRegistrations tomcornFleetRegistrations(WorkerProcess process) {
		return new FleetRegistrations(process);
	}

	@Bean
	static ConsulRegistryPostProcessor tomcornConsulRegistryPostProcessor(
			ObjectProvider<FleetRegistrations> registrations) {
		return new ConsulRegistryPostProcessor(registrations::getObject);
	}

	@Bean
	static EurekaTransportPostProcessor tomcornEurekaTransportPostProcessor(
			ObjectProvider<FleetRegistrations> registrations) {
		return new EurekaTransportPostProcessor(registrations::getObject);
	}

	@Bean
	static AdminRegistratorPostProcessor tomcornAdminRegistratorPostProcessor(
			ObjectProvider<FleetRegistrations> registrations) {
		return new AdminRegistratorPostProcessor(registrations::getObject);
	}

	@Bean
	static RegistryHealthPostProcessor tomcornRegistryHealthPostProcessor() {
		return new RegistryHealthPostProcessor();
	}

	@Bean
	WorkerStages tomcornRegistryWorkerStages(FleetRegistrations registrations, ApplicationContext context) {
		return new WorkerStages(registrations, context);
	}

	/**
	 * Condition that there is a client of a service registry.
	 */
	static final class OnClient extends AnyNestedCondition {

		OnClient() {
			super(ConfigurationPhase.REGISTER_BEAN);
		}

		@ConditionalOnClass(name = "org.springframework.cloud.client.serviceregistry.ServiceRegistry")
		static final class SpringCloud {

		}

		@ConditionalOnClass(name = "de.codecentric.boot.admin.client.registration.ApplicationRegistrator")
		static final class SpringBootAdmin {

		}

	}

	/**
	 * Registers and deregisters with the worker's stages.
	 */
	record WorkerStages(FleetRegistrations registrations, ApplicationContext context) {

		@EventListener
		void ready(WorkerReadyEvent event) {
			this.registrations.serve();
		}

		@EventListener
		@Order(Ordered.HIGHEST_PRECEDENCE)
		void draining(WorkerDrainingEvent event) {
			this.registrations.leave();
		}

		/**
		 * After the drain, and before the clients of the registries act on the event.
		 */
		@EventListener
		@Order(Ordered.HIGHEST_PRECEDENCE + 1)
		void closed(ContextClosedEvent event) {
			if (event.getApplicationContext() == this.context) {
				this.registrations.left();
			}
		}

	}

}
