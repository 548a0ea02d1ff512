package dev.tomcorn.metrics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import dev.tomcorn.metrics.PrometheusSnapshot.Metric;
import dev.tomcorn.settings.Counters;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.registry.PrometheusScrapeRequest;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import org.jspecify.annotations.Nullable;

/**
 * {@link PrometheusRegistry} with the metrics of all workers, for scrapes only.
 */
final class FleetPrometheusRegistry extends PrometheusRegistry {

	private final Supplier<FleetSnapshots.Collected<PrometheusSnapshot>> fleet;

	private final Counters counters;

	FleetPrometheusRegistry(Supplier<FleetSnapshots.Collected<PrometheusSnapshot>> fleet, Counters counters) {
		this.fleet = fleet;
		this.counters = counters;
	}

	/**
	 * Take a snapshot of one worker's metrics. Micrometer's long task timers go up and
	 * down, although their type says that they only grow.
	 */
	static PrometheusSnapshot snapshot(PrometheusRegistry registry, PrometheusMeterRegistry meters) {
		Set<String> volatileNames = meters.getMeters()
			.stream()
			.map(Meter::getId)
			.filter((id) -> id.getType() == Meter.Type.LONG_TASK_TIMER)
			.map((id) -> id.getConventionName(meters.config().namingConvention()))
			.collect(Collectors.toSet());
		return new PrometheusSnapshot(registry.scrape()
			.stream()
			.map((metric) -> metric(metric, volatileNames.contains(metric.getMetadata().getPrometheusName())))
			.toList());
	}

	private static Metric metric(MetricSnapshot metric, boolean goesUpAndDown) {
		SeriesType type = SeriesType.of(metric);
		if (goesUpAndDown || !type.cumulative()) {
			return new Metric(metric, false);
		}
		return new Metric(type.snapshot(metric.getMetadata(),
				metric.getDataPoints().stream().filter(Series::isKnown).map(Series::onGrid).toList()), true);
	}

	@Override
	public MetricSnapshots scrape() {
		return scrape((name) -> true);
	}

	@Override
	public MetricSnapshots scrape(@Nullable PrometheusScrapeRequest scrapeRequest) {
		return scrape();
	}

	@Override
	public MetricSnapshots scrape(Predicate<String> includedNames, @Nullable PrometheusScrapeRequest scrapeRequest) {
		return scrape(includedNames);
	}

	@Override
	public MetricSnapshots scrape(Predicate<String> includedNames) {
		FleetSnapshots.Collected<PrometheusSnapshot> collected = this.fleet.get();
		Map<String, MetricSum> metrics = new LinkedHashMap<>();
		for (Metric metric : collected.own().metrics()) {
			if (FleetMeters.contains(metric.name())) {
				add(metrics, metric, UnaryOperator.identity());
			}
		}
		collected.parts().forEach((part) -> add(metrics, part));
		List<MetricSnapshot> snapshots = metrics.entrySet()
			.stream()
			.filter((entry) -> includedNames.test(entry.getKey()))
			.map((entry) -> entry.getValue().toSnapshot())
			.collect(Collectors.toList());
		MetricSnapshot up = up(collected.up());
		if (includedNames.test(up.getMetadata().getPrometheusName())) {
			snapshots.add(up);
		}
		return new MetricSnapshots(snapshots);
	}

	private void add(Map<String, MetricSum> metrics, FleetSnapshots.Part<PrometheusSnapshot> part) {
		String worker = Integer.toString(part.index());
		for (Metric metric : part.snapshot().metrics()) {
			if (FleetMeters.contains(metric.name())) {
				continue;
			}
			if (!metric.cumulative()) {
				if (part.live()) {
					add(metrics, metric, (point) -> Series.with(point, FleetMeters.WORKER, worker));
				}
			}
			else if (this.counters == Counters.SUM) {
				add(metrics, metric, Series::withoutQuantiles);
			}
			else {
				add(metrics, metric, (point) -> byWorker(point, part.live(), worker));
			}
		}
	}

	private static DataPointSnapshot byWorker(DataPointSnapshot point, boolean live, String worker) {
		return Series.with(live ? point : Series.withoutQuantiles(point), FleetMeters.WORKER, worker);
	}

	private static void add(Map<String, MetricSum> metrics, Metric metric, UnaryOperator<DataPointSnapshot> change) {
		metrics.computeIfAbsent(metric.name(), (_) -> new MetricSum(metric)).add(metric, true, change);
	}

	private static MetricSnapshot up(Map<Integer, Boolean> up) {
		return new GaugeSnapshot(new MetricMetadata(FleetMeters.UP.replace('.', '_'), FleetMeters.UP_DESCRIPTION),
				up.entrySet()
					.stream()
					.map((entry) -> new GaugeSnapshot.GaugeDataPointSnapshot(entry.getValue() ? 1 : 0,
							Labels.of(FleetMeters.WORKER, entry.getKey().toString()), null))
					.toList());
	}

}
