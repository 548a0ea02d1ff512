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
 * {@link ManagementContextConfiguration} that forwards requests for management endpoints
 * to the selected worker, on whichever port they are. Solo there is no other worker, and
 * a parameter {@code worker} is the application's own.
 */
@ManagementContextConfiguration(value = ManagementContextType.ANY, proxyBeanMethods = false)
@ConditionalOnClass({ Filter.class, FilterRegistrationBean.class })
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBean(Peers.class)
@Conditional(OnSupervised.class)
public final class WorkerSelectionConfiguration {

	/**
	 * After Spring Security's filters and others that authorize requests.
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
	 * Computed once: without a separate port, the filter checks every request of the
	 * application.
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
