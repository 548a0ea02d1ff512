package dev.tomcorn.leader;

import java.time.Duration;

import dev.tomcorn.Leadership;
import dev.tomcorn.LeadershipAcquiredEvent;
import dev.tomcorn.LeadershipLostEvent;
import dev.tomcorn.WorkerDrainingEvent;
import dev.tomcorn.WorkerReadyEvent;
import dev.tomcorn.settings.ShutdownTimeouts;
import dev.tomcorn.worker.OnSupervised;
import dev.tomcorn.worker.WorkerProcess;

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
 * {@link EnableAutoConfiguration Auto-configuration} for the background work of an
 * application in a worker of a fleet.
 */
@AutoConfiguration(after = LeaderAutoConfiguration.class, afterName = "dev.tomcorn.tomcat.TomcornAutoConfiguration")
@ConditionalOnBean(WorkerProcess.class)
@Conditional(OnSupervised.class)
public final class BackgroundAutoConfiguration {

	@Bean
	BackgroundStarter tomcornBackgroundStarter(ConfigurableListableBeanFactory beanFactory, WorkerProcess process,
			ObjectProvider<Leadership> leadership, Environment environment) {
		Duration endLimit = ShutdownTimeouts.shutdownPhase(Binder.get(environment));
		return new BackgroundStarter(beanFactory, process, leaderSchedules(environment) ? leadership.getObject() : null,
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
	WorkerStages tomcornBackgroundWorkerStages(BackgroundStarter starter, ApplicationContext context) {
		return new WorkerStages(starter, context);
	}

	private static boolean leaderSchedules(Environment environment) {
		return "leader".equalsIgnoreCase(environment.getProperty("tomcorn.scheduling"));
	}

	/**
	 * Passes the lifecycle events of the worker on.
	 */
	record WorkerStages(BackgroundStarter starter, ApplicationContext context) {

		@EventListener
		void ready(WorkerReadyEvent event) {
			this.starter.startHeld(StartCondition.SERVING);
		}

		@EventListener
		void acquired(LeadershipAcquiredEvent event) {
			this.starter.startHeld(StartCondition.LEADING);
		}

		/**
		 * Runs after the application's own listeners, which need not wait for jobs.
		 */
		@EventListener
		@Order
		void lost(LeadershipLostEvent event) {
			this.starter.resign();
		}

		@EventListener
		@Order(Ordered.HIGHEST_PRECEDENCE)
		void draining(WorkerDrainingEvent event) {
			this.starter.drain();
		}

		/**
		 * Runs after the drain, and before any bean stops.
		 */
		@EventListener
		@Order(Ordered.HIGHEST_PRECEDENCE + 1)
		void closed(ContextClosedEvent event) {
			if (event.getApplicationContext() == this.context) {
				this.starter.drained();
			}
		}

	}

}
