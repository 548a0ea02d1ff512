package dev.tomcorn.metrics;

import java.util.List;
import java.util.Set;

import dev.tomcorn.peer.Peers;
import dev.tomcorn.settings.TomcornProperties;
import dev.tomcorn.worker.OnSupervised;
import dev.tomcorn.worker.WorkerProcess;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.micrometer.metrics.actuate.endpoint.MetricsEndpoint;
import org.springframework.boot.micrometer.metrics.autoconfigure.MeterRegistryCustomizer;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusScrapeEndpoint;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the meters of all workers in one
 * answer. Solo, Boot's own endpoints already report all meters.
 */
@AutoConfiguration(after = WorkerMetricsAutoConfiguration.class, afterName = { "dev.tomcorn.peer.PeerAutoConfiguration",
		"org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration",
		"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
		"org.springframework.boot.micrometer.metrics.autoconfigure.MetricsEndpointAutoConfiguration" })
@ConditionalOnClass({ MeterRegistry.class, MeterRegistryCustomizer.class })
@Conditional(OnSupervised.class)
@ConditionalOnBean(Peers.class)
public final class FleetMetricsAutoConfiguration {

	/**
	 * Registries without a common tag {@code worker}: their answers already combine the
	 * meters of all workers.
	 */
	private static final Set<String> ONE_ANSWER_FOR_ALL = Set.of(
			"io.micrometer.prometheusmetrics.PrometheusMeterRegistry",
			"io.micrometer.prometheus.PrometheusMeterRegistry",
			"io.micrometer.core.instrument.simple.SimpleMeterRegistry",
			"io.micrometer.core.instrument.composite.CompositeMeterRegistry");

	@Bean
	MeterRegistryCustomizer<MeterRegistry> tomcornWorkerTag(WorkerProcess process) {
		String index = Integer.toString(process.slot().index());
		return (registry) -> {
			if (!tellsForAll(registry.getClass())) {
				registry.config().commonTags("worker", index);
			}
		};
	}

	private static boolean tellsForAll(Class<?> type) {
		for (Class<?> current = type; current != null; current = current.getSuperclass()) {
			if (ONE_ANSWER_FOR_ALL.contains(current.getName())) {
				return true;
			}
		}
		return false;
	}

	@Bean
	@Lazy(false)
	FinalMeterPublisher tomcornFinalMeterPublisher(ApplicationContext context,
			ObjectProvider<FleetSnapshots<?>> snapshots) {
		return new FinalMeterPublisher(context, snapshots);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ MetricsEndpoint.class, ConditionalOnAvailableEndpoint.class })
	@ConditionalOnBean({ MetricsEndpoint.class, MeterRegistry.class })
	@ConditionalOnMissingBean(FleetMetricsWebExtension.class)
	@ConditionalOnAvailableEndpoint(endpoint = MetricsEndpoint.class, exposure = EndpointExposure.WEB)
	static class MetricsConfiguration {

		@Bean
		FleetSnapshots<List<MeterReading>> tomcornMetricsSnapshots(WorkerProcess process, Peers peers,
				MeterRegistry registry) {
			return new FleetSnapshots<>(new MeterFormat(), OnSupervised.runDirectory(process), peers,
					process.scoreboard()::targetWorkers, () -> MeterReading.of(registry));
		}

		@Bean
		FleetMetricsWebExtension tomcornMetricsWebExtension(FleetSnapshots<List<MeterReading>> snapshots) {
			return new FleetMetricsWebExtension(snapshots);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ PrometheusMeterRegistry.class, PrometheusScrapeEndpoint.class,
			ConditionalOnAvailableEndpoint.class })
	@ConditionalOnBean({ PrometheusScrapeEndpoint.class, PrometheusRegistry.class })
	@ConditionalOnSingleCandidate(PrometheusMeterRegistry.class)
	@ConditionalOnMissingBean(FleetPrometheusWebExtension.class)
	@ConditionalOnAvailableEndpoint(endpoint = PrometheusScrapeEndpoint.class, exposure = EndpointExposure.WEB)
	static class PrometheusConfiguration {

		@Bean
		FleetSnapshots<PrometheusSnapshot> tomcornPrometheusSnapshots(WorkerProcess process, Peers peers,
				PrometheusRegistry registry, PrometheusMeterRegistry meters) {
			return new FleetSnapshots<>(new PrometheusFormat(), OnSupervised.runDirectory(process), peers,
					process.scoreboard()::targetWorkers, () -> FleetPrometheusRegistry.snapshot(registry, meters));
		}

		@Bean
		FleetPrometheusWebExtension tomcornPrometheusWebExtension(FleetSnapshots<PrometheusSnapshot> snapshots,
				PrometheusConfig config, TomcornProperties properties) {
			return new FleetPrometheusWebExtension(snapshots, config.prometheusProperties(),
					properties.getMetrics().getCounters());
		}

	}

}
