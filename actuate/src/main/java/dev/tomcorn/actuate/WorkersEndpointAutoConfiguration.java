package dev.tomcorn.actuate;

import dev.tomcorn.Worker;
import dev.tomcorn.peer.Peers;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.worker.WorkerProcess;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.EndpointAccessResolver;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the {@link WorkersEndpoint}.
 */
@AutoConfiguration(
		afterName = { "dev.tomcorn.tomcat.TomcornAutoConfiguration", "dev.tomcorn.peer.PeerAutoConfiguration" })
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean({ WorkerProcess.class, Peers.class })
@ConditionalOnAvailableEndpoint(WorkersEndpoint.class)
public final class WorkersEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	WorkerInsight tomcornWorkerInsight(Peers peers, RequestsInFlight requests) {
		return new WorkerInsight(peers, requests);
	}

	@Bean
	@ConditionalOnMissingBean
	WorkersEndpoint workersEndpoint(WorkerProcess process, Worker worker, WorkerInsight insight) {
		return new WorkersEndpoint(process, worker, insight);
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(WorkersEndpoint.class)
	@ConditionalOnAvailableEndpoint(endpoint = WorkersEndpoint.class, exposure = EndpointExposure.WEB)
	WorkersEndpointWebExtension workersEndpointWebExtension(WorkerProcess process, WorkersEndpoint endpoint,
			WorkerInsight insight, ObjectProvider<EndpointAccessResolver> accessResolver) {
		Access access = accessResolver.getIfAvailable(() -> (id, defaultAccess) -> defaultAccess)
			.accessFor(EndpointId.of("workers"), Access.READ_ONLY);
		return new WorkersEndpointWebExtension(process, endpoint, insight, access);
	}

}
