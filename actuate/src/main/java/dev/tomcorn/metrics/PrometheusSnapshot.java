package dev.tomcorn.metrics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
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

		/**
		 * Return the same metric with the series of another one that it does not have.
		 */
		Metric withMissing(Metric before) {
			SeriesType type = SeriesType.of(this.snapshot);
			if (SeriesType.of(before.snapshot) != type || before.cumulative != this.cumulative) {
				return this;
			}
			Map<Labels, DataPointSnapshot> series = new LinkedHashMap<>();
			this.snapshot.getDataPoints().forEach((point) -> series.put(point.getLabels(), point));
			before.snapshot.getDataPoints().forEach((point) -> series.putIfAbsent(point.getLabels(), point));
			return new Metric(type.snapshot(this.snapshot.getMetadata(), series.values()), this.cumulative);
		}

	}

}
