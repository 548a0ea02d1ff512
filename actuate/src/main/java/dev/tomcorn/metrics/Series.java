package dev.tomcorn.metrics;

import java.util.Comparator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.StateSetSnapshot.StateSetDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * Arithmetic with series.
 */
final class Series {

	private static final int MAX_EXEMPLARS = 32;

	private Series() {
	}

	/**
	 * Return a series with another label, unless it already has one of that name.
	 */
	static DataPointSnapshot with(DataPointSnapshot point, String label, String value) {
		if (point.getLabels().contains(label)) {
			return point;
		}
		Labels labels = point.getLabels().add(label, value);
		return switch (point) {
			case CounterDataPointSnapshot counter -> new CounterDataPointSnapshot(counter.getValue(), labels,
					counter.getExemplar(), counter.getCreatedTimestampMillis());
			case GaugeDataPointSnapshot gauge ->
				new GaugeDataPointSnapshot(gauge.getValue(), labels, gauge.getExemplar());
			case UnknownDataPointSnapshot unknown ->
				new UnknownDataPointSnapshot(unknown.getValue(), labels, unknown.getExemplar());
			case InfoDataPointSnapshot _ -> new InfoDataPointSnapshot(labels);
			case HistogramDataPointSnapshot histogram -> histogram(histogram, histogram.getSum(), labels);
			case SummaryDataPointSnapshot summary -> summary(summary, summary.getSum(), summary.getQuantiles(), labels);
			case StateSetDataPointSnapshot states -> states(states, labels);
			default -> throw new IllegalArgumentException("Unknown type: " + point.getClass());
		};
	}

	private static StateSetDataPointSnapshot states(StateSetDataPointSnapshot states, Labels labels) {
		String[] names = new String[states.size()];
		boolean[] values = new boolean[states.size()];
		for (int i = 0; i < names.length; i++) {
			names[i] = states.getName(i);
			values[i] = states.isTrue(i);
		}
		return new StateSetDataPointSnapshot(names, values, labels);
	}

	/**
	 * Return whether a series has a value. A counter whose source is gone is NaN, and
	 * would make every sum NaN.
	 */
	static boolean isKnown(DataPointSnapshot point) {
		return !(point instanceof CounterDataPointSnapshot counter && Double.isNaN(counter.getValue()));
	}

	/**
	 * Return a growing series with a value whose sums are exact.
	 */
	static DataPointSnapshot onGrid(DataPointSnapshot point) {
		return switch (point) {
			case CounterDataPointSnapshot counter -> new CounterDataPointSnapshot(Grid.floor(counter.getValue()),
					counter.getLabels(), counter.getExemplar(), counter.getCreatedTimestampMillis());
			case HistogramDataPointSnapshot histogram ->
				histogram(histogram, Grid.floor(histogram.getSum()), histogram.getLabels());
			case SummaryDataPointSnapshot summary ->
				summary(summary, Grid.floor(summary.getSum()), summary.getQuantiles(), summary.getLabels());
			default -> point;
		};
	}

	/**
	 * Return a series without quantiles, which cannot be added up.
	 */
	static DataPointSnapshot withoutQuantiles(DataPointSnapshot point) {
		return (point instanceof SummaryDataPointSnapshot summary && summary.getQuantiles().size() > 0)
				? summary(summary, summary.getSum(), Quantiles.EMPTY, summary.getLabels()) : point;
	}

	private static HistogramDataPointSnapshot histogram(HistogramDataPointSnapshot histogram, double sum,
			Labels labels) {
		return new HistogramDataPointSnapshot(histogram.getClassicBuckets(), histogram.getNativeSchema(),
				histogram.getNativeZeroCount(), histogram.getNativeZeroThreshold(),
				histogram.getNativeBucketsForPositiveValues(), histogram.getNativeBucketsForNegativeValues(), sum,
				labels, histogram.getExemplars(), histogram.getCreatedTimestampMillis());
	}

	private static SummaryDataPointSnapshot summary(SummaryDataPointSnapshot summary, double sum, Quantiles quantiles,
			Labels labels) {
		return new SummaryDataPointSnapshot(summary.hasCount() ? summary.getCount() : -1, sum, quantiles, labels,
				summary.getExemplars(), summary.getCreatedTimestampMillis());
	}

	/**
	 * Add two series of the same metric with the same labels. If they cannot be added,
	 * the first counts.
	 */
	static DataPointSnapshot add(DataPointSnapshot one, DataPointSnapshot other) {
		long created = created(one, other);
		if (one instanceof CounterDataPointSnapshot a && other instanceof CounterDataPointSnapshot b) {
			return new CounterDataPointSnapshot(a.getValue() + b.getValue(), a.getLabels(),
					newest(a.getExemplar(), b.getExemplar()), created);
		}
		if (one instanceof HistogramDataPointSnapshot a && other instanceof HistogramDataPointSnapshot b) {
			return new HistogramSum(a, b).toSeries(exemplars(a.getExemplars(), b.getExemplars()), created);
		}
		if (one instanceof SummaryDataPointSnapshot a && other instanceof SummaryDataPointSnapshot b) {
			return new SummaryDataPointSnapshot(count(a) + count(b), sum(a.getSum(), b.getSum()),
					(a.getQuantiles().size() > 0) ? a.getQuantiles() : b.getQuantiles(), a.getLabels(),
					exemplars(a.getExemplars(), b.getExemplars()), created);
		}
		return one;
	}

	private static long count(SummaryDataPointSnapshot summary) {
		return summary.hasCount() ? summary.getCount() : 0;
	}

	/**
	 * An unknown sum is NaN, and counts as zero.
	 */
	static double sum(double one, double other) {
		if (Double.isNaN(one)) {
			return other;
		}
		return Double.isNaN(other) ? one : one + other;
	}

	private static long created(DataPointSnapshot one, DataPointSnapshot other) {
		long a = one.getCreatedTimestampMillis();
		long b = other.getCreatedTimestampMillis();
		return (a == 0 || b == 0) ? Math.max(a, b) : Math.min(a, b);
	}

	private static @Nullable Exemplar newest(@Nullable Exemplar one, @Nullable Exemplar other) {
		if (one == null || other == null) {
			return (one != null) ? one : other;
		}
		return (one.getTimestampMillis() >= other.getTimestampMillis()) ? one : other;
	}

	private static Exemplars exemplars(Exemplars one, Exemplars other) {
		if (one.size() == 0 || other.size() == 0) {
			return (one.size() > 0) ? one : other;
		}
		return Exemplars.of(Stream.of(one, other)
			.flatMap((exemplars) -> StreamSupport.stream(exemplars.spliterator(), false))
			.sorted(Comparator.comparingLong(Exemplar::getTimestampMillis).reversed())
			.limit(MAX_EXEMPLARS)
			.toList());
	}

}
