package dev.tomcorn.metrics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;

/**
 * The metrics of a worker, or of several ended ones.
 *
 * @param metrics the metrics
 */
record PrometheusSnapshot(List<Metric> metrics) {

	/**
	 * A metric.
	 *
	 * @param snapshot its series
	 * @param cumulative whether they only grow, so that workers add up and ended ones
	 * still count
	 */
	record Metric(MetricSnapshot snapshot, boolean cumulative) {

		String name() {
			return this.snapshot.getMetadata().getPrometheusName();
		}

		/**
		 * Return this metric with the series of an earlier one that it lacks.
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
