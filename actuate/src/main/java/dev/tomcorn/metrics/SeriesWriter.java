package dev.tomcorn.metrics;

import java.io.DataOutput;
import java.io.IOException;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.StateSetSnapshot.StateSetDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * Writes series as {@link SeriesReader} reads them.
 */
record SeriesWriter(DataOutput output) {

	void write(MetricSnapshot metric) throws IOException {
		this.output.writeInt(metric.getDataPoints().size());
		for (DataPointSnapshot point : metric.getDataPoints()) {
			write(point.getLabels());
			this.output.writeLong(point.getCreatedTimestampMillis());
			switch (point) {
				case CounterDataPointSnapshot counter -> {
					this.output.writeDouble(counter.getValue());
					write(counter.getExemplar());
				}
				case GaugeDataPointSnapshot gauge -> {
					this.output.writeDouble(gauge.getValue());
					write(gauge.getExemplar());
				}
				case UnknownDataPointSnapshot unknown -> {
					this.output.writeDouble(unknown.getValue());
					write(unknown.getExemplar());
				}
				case InfoDataPointSnapshot _ -> {
					// It has labels only
				}
				case HistogramDataPointSnapshot histogram -> write(histogram);
				case SummaryDataPointSnapshot summary -> write(summary);
				case StateSetDataPointSnapshot states -> write(states);
				default -> throw new IllegalArgumentException("Unknown type: " + point.getClass());
			}
		}
	}

	private void write(HistogramDataPointSnapshot histogram) throws IOException {
		ClassicHistogramBuckets buckets = histogram.getClassicBuckets();
		this.output.writeInt(buckets.size());
		for (int i = 0; i < buckets.size(); i++) {
			this.output.writeDouble(buckets.getUpperBound(i));
			this.output.writeLong(buckets.getCount(i));
		}
		this.output.writeInt(histogram.getNativeSchema());
		this.output.writeLong(histogram.getNativeZeroCount());
		this.output.writeDouble(histogram.getNativeZeroThreshold());
		write(histogram.getNativeBucketsForPositiveValues());
		write(histogram.getNativeBucketsForNegativeValues());
		this.output.writeDouble(histogram.getSum());
		write(histogram.getExemplars());
	}

	private void write(NativeHistogramBuckets buckets) throws IOException {
		this.output.writeInt(buckets.size());
		for (int i = 0; i < buckets.size(); i++) {
			this.output.writeInt(buckets.getBucketIndex(i));
			this.output.writeLong(buckets.getCount(i));
		}
	}

	private void write(SummaryDataPointSnapshot summary) throws IOException {
		this.output.writeLong(summary.hasCount() ? summary.getCount() : -1);
		this.output.writeDouble(summary.getSum());
		this.output.writeInt(summary.getQuantiles().size());
		for (Quantile quantile : summary.getQuantiles()) {
			this.output.writeDouble(quantile.getQuantile());
			this.output.writeDouble(quantile.getValue());
		}
		write(summary.getExemplars());
	}

	private void write(StateSetDataPointSnapshot states) throws IOException {
		this.output.writeInt(states.size());
		for (int i = 0; i < states.size(); i++) {
			StoredText.write(states.getName(i), this.output);
			this.output.writeBoolean(states.isTrue(i));
		}
	}

	private void write(Labels labels) throws IOException {
		this.output.writeInt(labels.size());
		for (int i = 0; i < labels.size(); i++) {
			StoredText.write(labels.getName(i), this.output);
			StoredText.write(labels.getValue(i), this.output);
		}
	}

	private void write(Exemplars exemplars) throws IOException {
		this.output.writeInt(exemplars.size());
		for (Exemplar exemplar : exemplars) {
			write(exemplar);
		}
	}

	private void write(@Nullable Exemplar exemplar) throws IOException {
		this.output.writeBoolean(exemplar != null);
		if (exemplar != null) {
			this.output.writeDouble(exemplar.getValue());
			this.output.writeLong(exemplar.getTimestampMillis());
			write(exemplar.getLabels());
		}
	}

}
