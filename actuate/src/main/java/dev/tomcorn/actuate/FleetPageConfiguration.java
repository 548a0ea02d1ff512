package dev.tomcorn.actuate;

import java.util.Optional;
import java.util.function.Predicate;

import dev.tomcorn.worker.WorkerProcess;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link ManagementContextConfiguration} for the filters that the fleet page needs, on
 * whichever port its endpoint is.
 */
@ManagementContextConfiguration(value = ManagementContextType.ANY, proxyBeanMethods = false)
@ConditionalOnClass({ Filter.class, FilterRegistrationBean.class })
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBean(WorkerProcess.class)
public final class FleetPageConfiguration {

	/**
	 * Before Spring Security's filters, which have order -100.
	 */
	private static final int IN_FRONT = -101;

	/**
	 * After them, and before the filter that forwards requests.
	 */
	private static final int BEHIND = 999;

	@Bean
	FilterRegistrationBean<FleetPageFilter> tomcornFleetPageFilter(ObjectProvider<PathMappedEndpoints> endpoints,
			ObjectProvider<WorkersEndpointWebExtension> extension) {
		return registration(new FleetPageFilter(isWorkers(endpoints), extension::getIfAvailable), BEHIND);
	}

	@Bean
	FilterRegistrationBean<RefusedChangeFilter> tomcornRefusedChangeFilter(
			ObjectProvider<PathMappedEndpoints> endpoints) {
		return registration(new RefusedChangeFilter(isWorkers(endpoints)), IN_FRONT);
	}

	private static <F extends Filter> FilterRegistrationBean<F> registration(F filter, int order) {
		FilterRegistrationBean<F> registration = new FilterRegistrationBean<>(filter);
		registration.setOrder(order);
		registration.setAsyncSupported(true);
		return registration;
	}

	private static Predicate<HttpServletRequest> isWorkers(ObjectProvider<PathMappedEndpoints> endpoints) {
		SingletonSupplier<Optional<String>> path = SingletonSupplier
			.of(() -> Optional.ofNullable(endpoints.getIfAvailable())
				.map((mapped) -> mapped.getPath(EndpointId.of("workers"))));
		return (request) -> {
			String prefix = path.obtain().orElse(null);
			String info = request.getPathInfo();
			String requested = (info != null) ? info : request.getServletPath();
			return prefix != null && requested.startsWith(prefix)
					&& (requested.length() == prefix.length() || requested.charAt(prefix.length()) == '/');
		};
	}

}
