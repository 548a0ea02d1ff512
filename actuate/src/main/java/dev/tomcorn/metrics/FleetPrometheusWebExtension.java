package dev.tomcorn.metrics;

import java.util.Properties;
import java.util.Set;

import dev.tomcorn.settings.Counters;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusOutputFormat;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusScrapeEndpoint;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} with which a scrape returns the
 * metrics of all workers, whichever worker answers.
 */
@EndpointWebExtension(endpoint = PrometheusScrapeEndpoint.class)
public final class FleetPrometheusWebExtension {

	private final PrometheusScrapeEndpoint endpoint;

	/**
	 * Create the extension.
	 * @param snapshots the metrics of all workers
	 * @param exporterProperties properties of the Prometheus client
	 * @param counters how counters are shown
	 */
	FleetPrometheusWebExtension(FleetSnapshots<PrometheusSnapshot> snapshots, @Nullable Properties exporterProperties,
			Counters counters) {
		this.endpoint = new PrometheusScrapeEndpoint(new FleetPrometheusRegistry(snapshots::collect, counters),
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

}
