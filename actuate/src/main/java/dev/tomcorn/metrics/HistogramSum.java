package dev.tomcorn.metrics;

import java.util.ArrayList;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;

/**
 * The sum of two histograms. The total count is exact, and so is the count at each bound
 * that both histograms have.
 * <p>
 * When they have different bounds, for example after a reload that has changed them, the
 * sum has the bounds of both. At a bound that one of them lacks, the sum uses that
 * histogram's count at the next lower bound. The count at a bound therefore does not
 * depend on the other bounds, and never goes back.
 * <p>
 * Native histograms of different resolution are added at the lower one.
 */
final class HistogramSum {

	private static final int CLASSIC = HistogramSnapshot.CLASSIC_HISTOGRAM;

	private final HistogramDataPointSnapshot one;

	private final HistogramDataPointSnapshot other;

	HistogramSum(HistogramDataPointSnapshot one, HistogramDataPointSnapshot other) {
		this.one = one;
		this.other = other;
	}

	HistogramDataPointSnapshot toSeries(Exemplars exemplars, long created) {
		double sum = Series.sum(this.one.getSum(), this.other.getSum());
		boolean bothNative = this.one.hasNativeHistogramData() && this.other.hasNativeHistogramData();
		boolean bothClassic = this.one.hasClassicHistogramData() && this.other.hasClassicHistogramData();
		ClassicHistogramBuckets classic = (bothClassic || !bothNative) ? classic() : ClassicHistogramBuckets.EMPTY;
		if (!bothNative) {
			return new HistogramDataPointSnapshot(classic, sum, this.one.getLabels(), exemplars, created);
		}
		int schema = Math.min(this.one.getNativeSchema(), this.other.getNativeSchema());
		double threshold = Math.max(this.one.getNativeZeroThreshold(), this.other.getNativeZeroThreshold());
		Native total = new Native(schema, threshold);
		total.add(this.one);
		total.add(this.other);
		return new HistogramDataPointSnapshot(classic, schema, total.zeros, threshold, total.positive(),
				total.negative(), sum, this.one.getLabels(), exemplars, created);
	}

	private ClassicHistogramBuckets classic() {
		SortedMap<Double, Long> counts = new TreeMap<>();
		add(this.one, counts);
		add(this.other, counts);
		return ClassicHistogramBuckets.of(new ArrayList<>(counts.keySet()), new ArrayList<>(counts.values()));
	}

	/**
	 * Each bucket counts at its own upper bound, even if the other histogram has finer
	 * ones below.
	 */
	private static void add(HistogramDataPointSnapshot histogram, Map<Double, Long> counts) {
		if (!histogram.hasClassicHistogramData()) {
			counts.merge(Double.POSITIVE_INFINITY, histogram.getCount(), Long::sum);
			return;
		}
		histogram.getClassicBuckets()
			.forEach((bucket) -> counts.merge(bucket.getUpperBound(), bucket.getCount(), Long::sum));
	}

	/**
	 * Buckets of a native histogram.
	 */
	private static final class Native {

		private final int schema;

		private final double threshold;

		private final SortedMap<Integer, Long> positive = new TreeMap<>();

		private final SortedMap<Integer, Long> negative = new TreeMap<>();

		private long zeros;

		Native(int schema, double threshold) {
			this.schema = schema;
			this.threshold = threshold;
		}

		void add(HistogramDataPointSnapshot histogram) {
			if (histogram.getNativeSchema() == CLASSIC) {
				return;
			}
			this.zeros += histogram.getNativeZeroCount();
			add(histogram.getNativeBucketsForPositiveValues(), histogram.getNativeSchema(), this.positive);
			add(histogram.getNativeBucketsForNegativeValues(), histogram.getNativeSchema(), this.negative);
		}

		private void add(NativeHistogramBuckets buckets, int from, Map<Integer, Long> counts) {
			int shift = from - this.schema;
			for (int i = 0; i < buckets.size(); i++) {
				int index = ((buckets.getBucketIndex(i) - 1) >> shift) + 1;
				if (upperBound(index) <= this.threshold) {
					this.zeros += buckets.getCount(i);
				}
				else {
					counts.merge(index, buckets.getCount(i), Long::sum);
				}
			}
		}

		private double upperBound(int index) {
			return Math.pow(2, index * Math.pow(2, -this.schema));
		}

		NativeHistogramBuckets positive() {
			return buckets(this.positive);
		}

		NativeHistogramBuckets negative() {
			return buckets(this.negative);
		}

		private static NativeHistogramBuckets buckets(SortedMap<Integer, Long> counts) {
			return counts.isEmpty() ? NativeHistogramBuckets.EMPTY
					: NativeHistogramBuckets.of(new ArrayList<>(counts.keySet()), new ArrayList<>(counts.values()));
		}

	}

}
