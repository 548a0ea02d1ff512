package dev.tomcorn.actuate;

import dev.tomcorn.worker.OnSupervised;
import dev.tomcorn.worker.WorkerProcess;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.context.ShutdownEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the {@link ShutdownEndpoint} of
 * a fleet. As Boot's own, it is closed unless the operator opens it.
 */
@AutoConfiguration(afterName = "dev.tomcorn.tomcat.TomcornAutoConfiguration",
		beforeName = "org.springframework.boot.actuate.autoconfigure.context.ShutdownEndpointAutoConfiguration")
@ConditionalOnClass({ ConditionalOnAvailableEndpoint.class, ShutdownEndpoint.class })
@ConditionalOnAvailableEndpoint(ShutdownEndpoint.class)
@Conditional(OnSupervised.class)
public final class FleetShutdownAutoConfiguration {

	@Bean(destroyMethod = "")
	@ConditionalOnMissingBean
	ShutdownEndpoint shutdownEndpoint(WorkerProcess process) {
		return new FleetShutdownEndpoint(process);
	}

}
