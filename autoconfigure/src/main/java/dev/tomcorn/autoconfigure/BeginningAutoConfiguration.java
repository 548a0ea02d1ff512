package dev.tomcorn.autoconfigure;

import java.time.Duration;

import dev.tomcorn.leader.Leadership;
import dev.tomcorn.leader.LeadershipAcquiredEvent;
import dev.tomcorn.leader.LeadershipLostEvent;
import dev.tomcorn.lifecycle.Beginnings;
import dev.tomcorn.lifecycle.Due;
import dev.tomcorn.lifecycle.StartJobPostProcessor;
import dev.tomcorn.lifecycle.StartJobs;
import dev.tomcorn.worker.WorkerDrainingEvent;
import dev.tomcorn.worker.WorkerProcess;
import dev.tomcorn.worker.WorkerReadyEvent;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for what an application begins by
 * itself in a worker of a fleet.
 */
@AutoConfiguration(after = { TomcornAutoConfiguration.class, LeaderAutoConfiguration.class })
@ConditionalOnBean(WorkerProcess.class)
@Conditional(OnSupervised.class)
public final class BeginningAutoConfiguration {

	@Bean
	Beginnings tomcornBeginnings(ConfigurableListableBeanFactory beanFactory, WorkerProcess process,
			ObjectProvider<Leadership> leadership, Environment environment) {
		Duration endLimit = TomcornSettings.shutdownPhase(Binder.get(environment));
		return new Beginnings(beanFactory, process, leaderSchedules(environment) ? leadership.getObject() : null,
				endLimit);
	}

	@Bean
	StartJobs tomcornStartJobs(WorkerProcess process, Environment environment) {
		return new StartJobs(process, leaderSchedules(environment));
	}

	@Bean
	static StartJobPostProcessor tomcornStartJobPostProcessor(ObjectProvider<StartJobs> jobs) {
		return new StartJobPostProcessor(jobs::getObject);
	}

	@Bean
	WorkerStages tomcornBeginningWorkerStages(Beginnings beginnings, ApplicationContext context) {
		return new WorkerStages(beginnings, context);
	}

	private static boolean leaderSchedules(Environment environment) {
		return "leader".equalsIgnoreCase(environment.getProperty("tomcorn.scheduling"));
	}

	/**
	 * Passes on what becomes of the worker.
	 */
	record WorkerStages(Beginnings beginnings, ApplicationContext context) {

		@EventListener
		void ready(WorkerReadyEvent event) {
			this.beginnings.begin(Due.SERVING);
		}

		@EventListener
		void acquired(LeadershipAcquiredEvent event) {
			this.beginnings.begin(Due.LEADING);
		}

		/**
		 * Behind the application's own listeners, which need not wait for jobs.
		 */
		@EventListener
		@Order
		void lost(LeadershipLostEvent event) {
			this.beginnings.resign();
		}

		@EventListener
		@Order(Ordered.HIGHEST_PRECEDENCE)
		void draining(WorkerDrainingEvent event) {
			this.beginnings.drain();
		}

		/**
		 * Behind the drain, and before anything of the application stops.
		 */
		@EventListener
		@Order(Ordered.HIGHEST_PRECEDENCE + 1)
		void closed(ContextClosedEvent event) {
			if (event.getApplicationContext() == this.context) {
				this.beginnings.drained();
			}
		}

	}

}
