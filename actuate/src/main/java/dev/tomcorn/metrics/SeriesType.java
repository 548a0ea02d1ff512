package dev.tomcorn.metrics;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.StateSetSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;

/**
 * The types of metrics. Their order is part of the format of the files.
 */
enum SeriesType {

	COUNTER, GAUGE, HISTOGRAM, GAUGE_HISTOGRAM, SUMMARY, INFO, STATE_SET, UNKNOWN;

	static SeriesType of(MetricSnapshot snapshot) {
		return switch (snapshot) {
			case CounterSnapshot _ -> COUNTER;
			case GaugeSnapshot _ -> GAUGE;
			case HistogramSnapshot histogram -> histogram.isGaugeHistogram() ? GAUGE_HISTOGRAM : HISTOGRAM;
			case SummarySnapshot _ -> SUMMARY;
			case InfoSnapshot _ -> INFO;
			case StateSetSnapshot _ -> STATE_SET;
			case UnknownSnapshot _ -> UNKNOWN;
			default -> throw new IllegalArgumentException("Unknown type: " + snapshot.getClass());
		};
	}

	/**
	 * Return whether series of this type only grow, judged by the type alone.
	 */
	boolean cumulative() {
		return this == COUNTER || this == HISTOGRAM || this == SUMMARY;
	}

	MetricSnapshot snapshot(MetricMetadata metadata, Collection<? extends DataPointSnapshot> series) {
		return switch (this) {
			case COUNTER -> new CounterSnapshot(metadata, all(series, CounterSnapshot.CounterDataPointSnapshot.class));
			case GAUGE -> new GaugeSnapshot(metadata, all(series, GaugeSnapshot.GaugeDataPointSnapshot.class));
			case HISTOGRAM, GAUGE_HISTOGRAM -> new HistogramSnapshot(this == GAUGE_HISTOGRAM, metadata,
					all(series, HistogramSnapshot.HistogramDataPointSnapshot.class));
			case SUMMARY -> new SummarySnapshot(metadata, all(series, SummarySnapshot.SummaryDataPointSnapshot.class));
			case INFO -> new InfoSnapshot(metadata, all(series, InfoSnapshot.InfoDataPointSnapshot.class));
			case STATE_SET ->
				new StateSetSnapshot(metadata, all(series, StateSetSnapshot.StateSetDataPointSnapshot.class));
			case UNKNOWN -> new UnknownSnapshot(metadata, all(series, UnknownSnapshot.UnknownDataPointSnapshot.class));
		};
	}

	private static <P extends DataPointSnapshot> List<P> all(Collection<? extends DataPointSnapshot> series,
			Class<P> type) {
		List<P> points = new ArrayList<>(series.size());
		series.forEach((point) -> points.add(type.cast(point)));
		return points;
	}

}
