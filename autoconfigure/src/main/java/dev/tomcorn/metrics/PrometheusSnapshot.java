package dev.tomcorn.metrics;

import java.util.List;

import io.prometheus.metrics.model.snapshots.MetricSnapshot;

/**
 * The metrics of a worker, or of several that are gone.
 *
 * @param metrics the metrics
 */
record PrometheusSnapshot(List<Metric> metrics) {

	/**
	 * A metric.
	 *
	 * @param snapshot its series
	 * @param cumulative whether they only ever grow, so that those of several workers add
	 * up and those of one that is gone still count
	 */
	record Metric(MetricSnapshot snapshot, boolean cumulative) {

		String name() {
			return this.snapshot.getMetadata().getPrometheusName();
		}

	}

}
