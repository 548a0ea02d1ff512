package dev.tomcorn.metrics;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.IntSupplier;

import dev.tomcorn.peer.PeerCommand;
import dev.tomcorn.peer.Peers;
import dev.tomcorn.settings.Counters;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusOutputFormat;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusScrapeEndpoint;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} with which a scrape returns the
 * metrics of all workers, whichever worker answers. It also provides this worker's part
 * of a scrape that another worker answers.
 */
@EndpointWebExtension(endpoint = PrometheusScrapeEndpoint.class)
public final class FleetPrometheusWebExtension implements PeerCommand, PublishedMeters {

	private final FleetSnapshots<PrometheusSnapshot> snapshots;

	private final PrometheusScrapeEndpoint endpoint;

	/**
	 * Create the extension.
	 * @param runDirectory directory of the fleet
	 * @param peers the workers
	 * @param target target number of workers
	 * @param registry this worker's metrics
	 * @param meters this worker's meters, from which the registry has its metrics
	 * @param exporterProperties properties of the Prometheus client
	 * @param counters how counters are shown
	 */
	public FleetPrometheusWebExtension(Path runDirectory, Peers peers, IntSupplier target, PrometheusRegistry registry,
			PrometheusMeterRegistry meters, @Nullable Properties exporterProperties, Counters counters) {
		PrometheusFormat format = new PrometheusFormat();
		this.snapshots = new FleetSnapshots<>(format, new SnapshotFiles<>(runDirectory, format), peers, target,
				() -> FleetPrometheusRegistry.snapshot(registry, meters));
		this.endpoint = new PrometheusScrapeEndpoint(new FleetPrometheusRegistry(this.snapshots::collect, counters),
				exporterProperties);
	}

	/**
	 * Scrape the metrics of all workers.
	 * @param format the format of the answer
	 * @param includedNames names of the metrics to return, {@code null} for all
	 * @return the metrics
	 */
	@ReadOperation(producesFrom = PrometheusOutputFormat.class)
	public WebEndpointResponse<byte[]> scrape(PrometheusOutputFormat format, @Nullable Set<String> includedNames) {
		return this.endpoint.scrape(format, includedNames);
	}

	@Override
	public String name() {
		return this.snapshots.name();
	}

	@Override
	public byte[] answer(Map<String, String> parameters) {
		return this.snapshots.answer(parameters);
	}

	@Override
	public void publish() {
		this.snapshots.publishLast();
	}

}
