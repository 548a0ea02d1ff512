package dev.tomcorn.metrics;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;

import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DistributionDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Tests for {@link PrometheusFormat} with random snapshots of several workers.
 */
class PrometheusFormatTests {

	private static final int ROUNDS = 300;

	private final PrometheusFormat format = new PrometheusFormat();

	private final long seed = System.nanoTime();

	@Test
	void whatIsReadIsWhatWasWritten() {
		Random random = new Random(this.seed);
		for (int i = 0; i < ROUNDS; i++) {
			PrometheusSnapshot snapshot = PrometheusSums.random(random);
			PrometheusSnapshot copy = PrometheusSums.copy(snapshot);
			assertThat(PrometheusSums.text(copy)).as("seed %d", this.seed).isEqualTo(PrometheusSums.text(snapshot));
			assertThat(copy.metrics()).extracting(PrometheusSnapshot.Metric::cumulative)
				.isEqualTo(snapshot.metrics().stream().map(PrometheusSnapshot.Metric::cumulative).toList());
		}
	}

	@Test
	void labelOfAnyLengthIsKept() {
		String label = "ü".repeat(100_000);
		PrometheusSnapshot snapshot = PrometheusSums.snapshot(PrometheusSums.counter("a", 1, "uri", label));
		assertThat(PrometheusSums.text(PrometheusSums.copy(snapshot))).contains(label);
	}

	@Test
	void textThatClaimsToBeHugeIsNotReadAtAll() {
		for (int length : new int[] { Integer.MAX_VALUE, -2 }) {
			byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt(length).array();
			assertThatIOException()
				.isThrownBy(() -> StoredText.read(new DataInputStream(new ByteArrayInputStream(bytes))));
		}
	}

	@Test
	void nothingIsLostOrCountedTwiceInWhicheverOrderItIsAdded() {
		Random random = new Random(this.seed);
		for (int i = 0; i < ROUNDS; i++) {
			List<PrometheusSnapshot> snapshots = new ArrayList<>();
			for (int worker = 0; worker < 5; worker++) {
				snapshots.add(this.format.cumulative(PrometheusSums.random(random)));
			}
			PrometheusSnapshot forwards = sum(snapshots);
			PrometheusSnapshot nested = this.format.add(PrometheusSums.copy(sum(snapshots.subList(0, 2))),
					PrometheusSums.copy(sum(snapshots.subList(2, 5))), true);
			for (String name : List.of("c", "h", "n", "s")) {
				double expected = snapshots.stream()
					.mapToDouble((snapshot) -> total(snapshot, name, this::count))
					.sum();
				assertThat(total(forwards, name, this::count)).as("%s, seed %d", name, this.seed).isEqualTo(expected);
				assertThat(total(nested, name, this::count)).as("%s, seed %d", name, this.seed).isEqualTo(expected);
			}
			for (String name : List.of("h", "n", "s")) {
				assertThat(total(forwards, name, this::sum)).as("%s, seed %d", name, this.seed)
					.isEqualTo(snapshots.stream().mapToDouble((snapshot) -> total(snapshot, name, this::sum)).sum());
			}
			for (double bound = 1; bound < 8; bound++) {
				assertCumulative(snapshots, forwards, nested, bound);
			}
		}
	}

	/**
	 * At a bound that all histograms have, the count is exact. Elsewhere it is never too
	 * high, and the order makes no difference.
	 */
	private void assertCumulative(List<PrometheusSnapshot> snapshots, PrometheusSnapshot forwards,
			PrometheusSnapshot nested, double bound) {
		ToDoubleFunction<DataPointSnapshot> upTo = (point) -> upTo((HistogramDataPointSnapshot) point, bound);
		double expected = snapshots.stream().mapToDouble((snapshot) -> total(snapshot, "h", upTo)).sum();
		assertThat(total(forwards, "h", upTo)).as("le %s, seed %d", bound, this.seed).isEqualTo(expected);
		assertThat(total(nested, "h", upTo)).as("le %s, seed %d", bound, this.seed).isEqualTo(expected);
	}

	@Test
	void totalThatMayNotGrowTakesUpWhatItKnows() {
		PrometheusSnapshot total = PrometheusSums.snapshot(PrometheusSums.counter("a", 1, "uri", "/known"));
		PrometheusSnapshot more = PrometheusSums.snapshot(PrometheusSums.counter("a", 2, "uri", "/known"),
				PrometheusSums.counter("b", 2));
		PrometheusSnapshot sum = this.format.add(total, more, false);
		assertThat(PrometheusSums.text(sum)).contains("a_total{uri=\"/known\"} 3.0").doesNotContain("b_total");
	}

	@Test
	void metricThatHasBecomeAnotherTypeIsLeftOut() {
		PrometheusSnapshot total = PrometheusSums.snapshot(PrometheusSums.counter("a", 1));
		PrometheusSnapshot more = this.format.add(total, PrometheusSums.snapshot(PrometheusSums.gauge("a", 5)), true);
		assertThat(PrometheusSums.text(more)).contains("a_total 1.0").doesNotContain("5.0");
	}

	@Test
	void metersOfTheFleetAreNotRetained() {
		PrometheusSnapshot snapshot = PrometheusSums.snapshot(PrometheusSums.counter("tomcorn_deaths", 1),
				PrometheusSums.counter("tomcorn_requests_handled", 1), PrometheusSums.gauge("g", 1));
		assertThat(this.format.cumulative(snapshot).metrics()).extracting(PrometheusSnapshot.Metric::name)
			.containsExactly("tomcorn_requests_handled");
	}

	private PrometheusSnapshot sum(List<PrometheusSnapshot> snapshots) {
		return snapshots.stream().reduce((one, other) -> this.format.add(one, other, true)).orElseThrow();
	}

	private static double total(PrometheusSnapshot snapshot, String name, ToDoubleFunction<DataPointSnapshot> value) {
		return snapshot.metrics()
			.stream()
			.filter((metric) -> metric.name().equals(name))
			.flatMap((metric) -> metric.snapshot().getDataPoints().stream())
			.mapToDouble(value)
			.sum();
	}

	private double count(DataPointSnapshot point) {
		return (point instanceof CounterDataPointSnapshot counter) ? counter.getValue()
				: ((DistributionDataPointSnapshot) point).getCount();
	}

	private double sum(DataPointSnapshot point) {
		return ((DistributionDataPointSnapshot) point).getSum();
	}

	private static double upTo(HistogramDataPointSnapshot histogram, double bound) {
		return histogram.getClassicBuckets()
			.stream()
			.filter((bucket) -> bucket.getUpperBound() <= bound)
			.mapToLong((bucket) -> bucket.getCount())
			.sum();
	}

}
