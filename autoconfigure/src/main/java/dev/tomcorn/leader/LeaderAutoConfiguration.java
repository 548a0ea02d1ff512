package dev.tomcorn.leader;

import dev.tomcorn.Leadership;
import dev.tomcorn.Worker;
import dev.tomcorn.WorkerDrainingEvent;
import dev.tomcorn.WorkerReadyEvent;
import dev.tomcorn.worker.WorkerProcess;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.SchedulingConfigurer;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the {@link Leadership} of one
 * worker.
 */
@AutoConfiguration(afterName = "dev.tomcorn.tomcat.TomcornAutoConfiguration")
@ConditionalOnBean(WorkerProcess.class)
public final class LeaderAutoConfiguration {

	@Bean
	@Lazy(false)
	@ConditionalOnMissingBean(Leadership.class)
	LeaderElection tomcornLeadership(WorkerProcess process, Worker worker, ApplicationEventPublisher publisher) {
		return LeaderElection.start(process, worker, publisher::publishEvent);
	}

	@Bean
	@ConditionalOnBean(LeaderElection.class)
	WorkerChanges tomcornLeaderWorkerChanges(LeaderElection election, ApplicationContext context) {
		return new WorkerChanges(election, context);
	}

	@Bean
	static LeaderOnlyPostProcessor tomcornLeaderOnlyPostProcessor(ObjectProvider<Leadership> leadership) {
		return new LeaderOnlyPostProcessor(leadership::getObject);
	}

	@Bean
	@ConditionalOnProperty(name = "tomcorn.scheduling", havingValue = "leader")
	SchedulingConfigurer tomcornLeaderScheduling(Leadership leadership) {
		return new LeaderScheduling(leadership);
	}

	/**
	 * Passes on events that may begin or end the leadership of a worker without siblings.
	 */
	record WorkerChanges(LeaderElection election, ApplicationContext context) {

		@EventListener
		void applicationStarted(ApplicationStartedEvent event) {
			if (event.getApplicationContext() == this.context) {
				this.election.applicationStarted();
			}
		}

		@EventListener({ WorkerReadyEvent.class, WorkerDrainingEvent.class })
		void changed() {
			this.election.workerChanged();
		}

	}

}
