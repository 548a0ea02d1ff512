package dev.tomcorn.metrics;

import java.io.DataInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.StateSetSnapshot.StateSetDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * Reads series as {@link SeriesWriter} writes them.
 */
record SeriesReader(DataInput input) {

	List<DataPointSnapshot> read(SeriesType type) throws IOException {
		int count = this.input.readInt();
		List<DataPointSnapshot> series = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			Labels labels = labels();
			long created = this.input.readLong();
			series.add(switch (type) {
				case COUNTER -> new CounterDataPointSnapshot(this.input.readDouble(), labels, exemplar(), created);
				case GAUGE -> new GaugeDataPointSnapshot(this.input.readDouble(), labels, exemplar());
				case UNKNOWN -> new UnknownDataPointSnapshot(this.input.readDouble(), labels, exemplar());
				case INFO -> new InfoDataPointSnapshot(labels);
				case HISTOGRAM, GAUGE_HISTOGRAM -> histogram(labels, created);
				case SUMMARY -> summary(labels, created);
				case STATE_SET -> states(labels);
			});
		}
		return series;
	}

	private HistogramDataPointSnapshot histogram(Labels labels, long created) throws IOException {
		int size = this.input.readInt();
		List<Double> bounds = new ArrayList<>();
		List<Long> counts = new ArrayList<>();
		for (int i = 0; i < size; i++) {
			bounds.add(this.input.readDouble());
			counts.add(this.input.readLong());
		}
		ClassicHistogramBuckets classic = (size > 0) ? ClassicHistogramBuckets.of(bounds, counts)
				: ClassicHistogramBuckets.EMPTY;
		return new HistogramDataPointSnapshot(classic, this.input.readInt(), this.input.readLong(),
				this.input.readDouble(), buckets(), buckets(), this.input.readDouble(), labels, exemplars(), created);
	}

	private NativeHistogramBuckets buckets() throws IOException {
		int size = this.input.readInt();
		List<Integer> indices = new ArrayList<>();
		List<Long> counts = new ArrayList<>();
		for (int i = 0; i < size; i++) {
			indices.add(this.input.readInt());
			counts.add(this.input.readLong());
		}
		return (size > 0) ? NativeHistogramBuckets.of(indices, counts) : NativeHistogramBuckets.EMPTY;
	}

	private SummaryDataPointSnapshot summary(Labels labels, long created) throws IOException {
		long count = this.input.readLong();
		double sum = this.input.readDouble();
		int size = this.input.readInt();
		List<Quantile> quantiles = new ArrayList<>();
		for (int i = 0; i < size; i++) {
			quantiles.add(new Quantile(this.input.readDouble(), this.input.readDouble()));
		}
		return new SummaryDataPointSnapshot(count, sum, Quantiles.of(quantiles), labels, exemplars(), created);
	}

	private StateSetDataPointSnapshot states(Labels labels) throws IOException {
		int size = this.input.readInt();
		List<String> names = new ArrayList<>();
		boolean[] values = new boolean[Math.clamp(size, 0, 1000)];
		for (int i = 0; i < size; i++) {
			names.add(StoredText.read(this.input));
			values[i] = this.input.readBoolean();
		}
		return new StateSetDataPointSnapshot(names.toArray(String[]::new), values, labels);
	}

	private Labels labels() throws IOException {
		int size = this.input.readInt();
		List<String> names = new ArrayList<>();
		List<String> values = new ArrayList<>();
		for (int i = 0; i < size; i++) {
			names.add(StoredText.read(this.input));
			values.add(StoredText.read(this.input));
		}
		return Labels.of(names, values);
	}

	private Exemplars exemplars() throws IOException {
		int size = this.input.readInt();
		List<Exemplar> exemplars = new ArrayList<>();
		for (int i = 0; i < size; i++) {
			Exemplar exemplar = exemplar();
			if (exemplar != null) {
				exemplars.add(exemplar);
			}
		}
		return Exemplars.of(exemplars);
	}

	private @Nullable Exemplar exemplar() throws IOException {
		if (!this.input.readBoolean()) {
			return null;
		}
		double value = this.input.readDouble();
		long timestamp = this.input.readLong();
		return new Exemplar(value, labels(), timestamp);
	}

}
