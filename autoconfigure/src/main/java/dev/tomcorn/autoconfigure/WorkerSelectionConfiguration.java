package dev.tomcorn.autoconfigure;

import java.util.List;
import java.util.function.Predicate;

import dev.tomcorn.fleet.Peers;
import dev.tomcorn.management.WorkerSelectionFilter;
import jakarta.servlet.Filter;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
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
	FilterRegistrationBean<WorkerSelectionFilter> tomcornWorkerSelectionFilter(Peers peers,
			ObjectProvider<PathMappedEndpoints> endpoints) {
		FilterRegistrationBean<WorkerSelectionFilter> registration = new FilterRegistrationBean<>(
				new WorkerSelectionFilter(peers, isEndpoint(endpoints)));
		registration.setOrder(ORDER);
		registration.setAsyncSupported(true);
		return registration;
	}

	/**
	 * Without a port of its own, every request of the application is asked about.
	 */
	private static Predicate<String> isEndpoint(ObjectProvider<PathMappedEndpoints> endpoints) {
		SingletonSupplier<List<String>> prefixes = SingletonSupplier.of(() -> {
			PathMappedEndpoints mapped = endpoints.getIfAvailable();
			return (mapped != null) ? mapped.getAllPaths().stream().map((path) -> path + "/").toList() : List.of();
		});
		return (path) -> {
			for (String prefix : prefixes.obtain()) {
				if (path.startsWith(prefix) || (path.length() == prefix.length() - 1 && prefix.startsWith(path))) {
					return true;
				}
			}
			return false;
		};
	}

}
