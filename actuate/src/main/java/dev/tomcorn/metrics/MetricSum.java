package dev.tomcorn.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

import dev.tomcorn.metrics.PrometheusSnapshot.Metric;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;

/**
 * One metric of several workers. Series with the same labels add up. The first one
 * defines the metric's type. Others of another type are left out: they come from another
 * version of the application.
 */
final class MetricSum {

	private final SeriesType type;

	private final boolean cumulative;

	private final MetricMetadata metadata;

	private final Map<Labels, DataPointSnapshot> series = new LinkedHashMap<>();

	MetricSum(Metric first) {
		this.type = SeriesType.of(first.snapshot());
		this.cumulative = first.cumulative();
		this.metadata = first.snapshot().getMetadata();
	}

	/**
	 * Add the series of a metric.
	 * @param grow whether to add series that the sum does not have
	 */
	void add(Metric metric, boolean grow) {
		add(metric, grow, UnaryOperator.identity());
	}

	void add(Metric metric, boolean grow, UnaryOperator<DataPointSnapshot> change) {
		if (SeriesType.of(metric.snapshot()) != this.type || metric.cumulative() != this.cumulative) {
			return;
		}
		for (DataPointSnapshot point : metric.snapshot().getDataPoints()) {
			DataPointSnapshot changed = change.apply(point);
			if (grow || this.series.containsKey(changed.getLabels())) {
				this.series.merge(changed.getLabels(), changed, Series::add);
			}
		}
	}

	MetricSnapshot toSnapshot() {
		return this.type.snapshot(this.metadata, this.series.values());
	}

}
