package dev.tomcorn.metrics;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.StateSetSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;

/**
 * Snapshots to add up, and ways to look at them.
 */
final class PrometheusSums {

	private static final PrometheusFormat FORMAT = new PrometheusFormat();

	private PrometheusSums() {
	}

	static PrometheusSnapshot snapshot(MetricSnapshot... metrics) {
		return new PrometheusSnapshot(List.of(metrics)
			.stream()
			.map((metric) -> new PrometheusSnapshot.Metric(metric, SeriesType.of(metric).cumulative()))
			.toList());
	}

	static PrometheusSnapshot counters(double value) {
		return snapshot(new CounterSnapshot(new MetricMetadata("requests", "Requests"),
				List.of(new CounterDataPointSnapshot(value, Labels.of("uri", "/a"), null, 0))));
	}

	static CounterSnapshot counter(String name, double value, String... labels) {
		return new CounterSnapshot(new MetricMetadata(name),
				List.of(new CounterDataPointSnapshot(value, Labels.of(labels), null, 0)));
	}

	static GaugeSnapshot gauge(String name, double value, String... labels) {
		return new GaugeSnapshot(new MetricMetadata(name),
				List.of(new GaugeDataPointSnapshot(value, Labels.of(labels), null)));
	}

	/**
	 * Return metrics of all types with random series.
	 */
	static PrometheusSnapshot random(Random random) {
		Exemplar exemplar = new Exemplar(random.nextDouble(), Labels.of("trace_id", "" + random.nextInt(9)), 5);
		List<CounterDataPointSnapshot> counters = new ArrayList<>();
		List<GaugeDataPointSnapshot> gauges = new ArrayList<>();
		List<HistogramDataPointSnapshot> histograms = new ArrayList<>();
		List<HistogramDataPointSnapshot> natives = new ArrayList<>();
		List<SummaryDataPointSnapshot> summaries = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			if (random.nextInt(4) == 0) {
				continue;
			}
			Labels labels = Labels.of("uri", "/" + i);
			counters.add(new CounterDataPointSnapshot(random.nextInt(1000), labels, exemplar, 0));
			gauges.add(new GaugeDataPointSnapshot(random.nextGaussian(), labels, null));
			histograms.add(new HistogramDataPointSnapshot(classic(random), random.nextInt(1000), labels,
					Exemplars.of(exemplar), 0));
			natives
				.add(new HistogramDataPointSnapshot(random.nextInt(-2, 4), random.nextInt(10), random.nextInt(3) * 0.5,
						buckets(random), buckets(random), random.nextInt(1000), labels, Exemplars.EMPTY, 0));
			summaries.add(new SummaryDataPointSnapshot(random.nextInt(1000), random.nextInt(1000),
					Quantiles.of(new Quantile(0.5, random.nextDouble())), labels, Exemplars.EMPTY, 0));
		}
		return snapshot(new CounterSnapshot(new MetricMetadata("c", "help"), counters),
				new GaugeSnapshot(new MetricMetadata("g_bytes", "help", Unit.BYTES), gauges),
				new HistogramSnapshot(new MetricMetadata("h"), histograms),
				new HistogramSnapshot(new MetricMetadata("n"), natives),
				new SummarySnapshot(new MetricMetadata("s"), summaries),
				new InfoSnapshot(new MetricMetadata("i"),
						List.of(new InfoSnapshot.InfoDataPointSnapshot(Labels.of("version", "1")))),
				new StateSetSnapshot(new MetricMetadata("states"),
						List.of(new StateSetSnapshot.StateSetDataPointSnapshot(new String[] { "off", "on" },
								new boolean[] { random.nextBoolean(), false }, Labels.EMPTY))),
				new UnknownSnapshot(new MetricMetadata("u"), List
					.of(new UnknownSnapshot.UnknownDataPointSnapshot(random.nextDouble(), Labels.EMPTY, null))));
	}

	private static ClassicHistogramBuckets classic(Random random) {
		SortedMap<Double, Long> buckets = new TreeMap<>();
		for (double bound = 1; bound < 8; bound++) {
			if (random.nextBoolean()) {
				buckets.put(bound, (long) random.nextInt(100));
			}
		}
		buckets.put(Double.POSITIVE_INFINITY, (long) random.nextInt(100));
		return ClassicHistogramBuckets.of(List.copyOf(buckets.keySet()), List.copyOf(buckets.values()));
	}

	private static NativeHistogramBuckets buckets(Random random) {
		SortedMap<Integer, Long> buckets = new TreeMap<>();
		for (int i = random.nextInt(5); i > 0; i--) {
			buckets.put(random.nextInt(-20, 20), (long) random.nextInt(1, 100));
		}
		return NativeHistogramBuckets.of(List.copyOf(buckets.keySet()), List.copyOf(buckets.values()));
	}

	static PrometheusSnapshot copy(PrometheusSnapshot snapshot) {
		try {
			ByteArrayOutputStream bytes = new ByteArrayOutputStream();
			FORMAT.write(snapshot, new DataOutputStream(bytes));
			ByteArrayInputStream input = new ByteArrayInputStream(bytes.toByteArray());
			PrometheusSnapshot copy = FORMAT.read(new DataInputStream(input));
			if (input.available() > 0) {
				throw new IllegalStateException("Not read to the end");
			}
			return copy;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static String text(PrometheusSnapshot snapshot) {
		return text(new MetricSnapshots(snapshot.metrics().stream().map(PrometheusSnapshot.Metric::snapshot).toList()));
	}

	static String text(MetricSnapshots snapshots) {
		try {
			ByteArrayOutputStream text = new ByteArrayOutputStream();
			OpenMetricsTextFormatWriter.create().write(text, snapshots);
			return text.toString(StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
