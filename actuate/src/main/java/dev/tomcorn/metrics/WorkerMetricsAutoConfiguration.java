package dev.tomcorn.metrics;

import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.worker.FigureSampler;
import dev.tomcorn.worker.WorkerProcess;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for {@link WorkerMetrics},
 * {@link FleetMetrics}, {@link PinnedThreads} and {@link ConnectionPools}.
 */
@AutoConfiguration(afterName = { "dev.tomcorn.tomcat.TomcornAutoConfiguration",
		"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration" })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ MeterRegistry.class, WorkerProcess.class })
public final class WorkerMetricsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	WorkerMetrics tomcornWorkerMetrics(WorkerProcess process, RequestsInFlight requests) {
		return new WorkerMetrics(process, requests.figures());
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(FigureSampler.class)
	PinnedThreads tomcornPinnedThreads(FigureSampler sampler, ObjectProvider<MeterBinder> binders) {
		return new PinnedThreads(sampler, binders);
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(FigureSampler.class)
	ConnectionPools tomcornConnectionPools(FigureSampler sampler, ObjectProvider<MeterRegistry> registries) {
		return new ConnectionPools(sampler, registries);
	}

	@Bean
	@ConditionalOnMissingBean
	FleetMetrics tomcornFleetMetrics(WorkerProcess process) {
		return new FleetMetrics(process);
	}

}
