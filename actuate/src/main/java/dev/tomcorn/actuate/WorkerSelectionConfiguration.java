package dev.tomcorn.actuate;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.tomcorn.peer.Peers;
import dev.tomcorn.worker.OnSupervised;
import dev.tomcorn.worker.WorkerProcess;
import jakarta.servlet.Filter;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.actuate.endpoint.ExposableEndpoint;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoint;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link ManagementContextConfiguration} that hands requests on to the worker they are
 * meant for, in front of the management endpoints wherever they are. Solo there is nobody
 * else to answer, and a parameter of the user's own is theirs.
 */
@ManagementContextConfiguration(value = ManagementContextType.ANY, proxyBeanMethods = false)
@ConditionalOnClass({ Filter.class, FilterRegistrationBean.class })
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBean(Peers.class)
@Conditional(OnSupervised.class)
public final class WorkerSelectionConfiguration {

	/**
	 * Behind Spring Security's filters and whatever else decides who may ask.
	 */
	private static final int ORDER = 1000;

	@Bean
	FilterRegistrationBean<WorkerSelectionFilter> tomcornWorkerSelectionFilter(WorkerProcess process, Peers peers,
			ObjectProvider<PathMappedEndpoints> endpoints) {
		FilterRegistrationBean<WorkerSelectionFilter> registration = new FilterRegistrationBean<>(
				new WorkerSelectionFilter(peers, endpoints(endpoints), process::ask));
		registration.setOrder(ORDER);
		registration.setAsyncSupported(true);
		return registration;
	}

	/**
	 * Without a port of its own, every request of the application is asked about.
	 */
	private static Supplier<List<ManagementEndpoint>> endpoints(ObjectProvider<PathMappedEndpoints> endpoints) {
		return SingletonSupplier.of(() -> {
			PathMappedEndpoints mapped = endpoints.getIfAvailable();
			return (mapped != null) ? mapped.stream().flatMap((endpoint) -> endpoint(endpoint, mapped)).toList()
					: List.of();
		});
	}

	private static Stream<ManagementEndpoint> endpoint(PathMappedEndpoint mapped, PathMappedEndpoints all) {
		if (!(mapped instanceof ExposableEndpoint<?> endpoint)) {
			return Stream.empty();
		}
		String path = all.getPath(endpoint.getEndpointId());
		boolean changing = endpoint.getOperations()
			.stream()
			.anyMatch((operation) -> operation.getType() == OperationType.WRITE);
		return (path != null)
				? Stream.of(new ManagementEndpoint(endpoint.getEndpointId().toLowerCaseString(), path, changing))
				: Stream.empty();
	}

}
