package dev.tomcorn.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Statistic;
import io.micrometer.core.instrument.Tag;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.boot.micrometer.metrics.actuate.endpoint.MetricsEndpoint;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} with which the metrics endpoint
 * reports the meters of all workers, each with the tag {@code worker}. It adds them up as
 * Boot's endpoint adds up the meters of one name.
 */
@EndpointWebExtension(endpoint = MetricsEndpoint.class)
public final class FleetMetricsWebExtension {

	private final FleetSnapshots<List<MeterReading>> snapshots;

	/**
	 * Create the extension.
	 * @param snapshots the meters of all workers
	 */
	FleetMetricsWebExtension(FleetSnapshots<List<MeterReading>> snapshots) {
		this.snapshots = snapshots;
	}

	/**
	 * Names of meters.
	 *
	 * @param names the names
	 */
	public record MetricNamesDescriptor(Set<String> names) implements OperationResponseBody {
	}

	/**
	 * The meters of one name.
	 *
	 * @param name the name
	 * @param description what they measure
	 * @param baseUnit their unit
	 * @param measurements their sums
	 * @param availableTags tags that can narrow the selection further
	 */
	public record MetricDescriptor(String name, @Nullable String description, @Nullable String baseUnit,
			List<Sample> measurements, List<AvailableTag> availableTags) implements OperationResponseBody {
	}

	/**
	 * A measurement.
	 *
	 * @param statistic what it measures
	 * @param value the value
	 */
	public record Sample(Statistic statistic, double value) {
	}

	/**
	 * A tag.
	 *
	 * @param tag its key
	 * @param values its values
	 */
	public record AvailableTag(String tag, Set<String> values) {
	}

	/**
	 * Return the names of all meters of all workers.
	 * @return the names
	 */
	@ReadOperation
	public MetricNamesDescriptor listNames() {
		return new MetricNamesDescriptor(
				readings().map(MeterReading::name).collect(Collectors.toCollection(TreeSet::new)));
	}

	/**
	 * Return the sum of the meters of one name.
	 * @param requiredMetricName the name
	 * @param tag tags that they must have, in the form {@code key:value}
	 * @return their sum, {@code null} if there is none
	 */
	@ReadOperation
	public @Nullable MetricDescriptor metric(@Selector String requiredMetricName, @Nullable List<String> tag) {
		List<Tag> tags = (tag != null) ? tag.stream().map(FleetMetricsWebExtension::parse).toList() : List.of();
		List<MeterReading> meters = readings().filter((meter) -> meter.name().equals(requiredMetricName))
			.filter((meter) -> meter.tags().containsAll(tags))
			.toList();
		if (meters.isEmpty()) {
			return null;
		}
		Map<Statistic, Double> samples = new LinkedHashMap<>();
		Map<String, Set<String>> available = new LinkedHashMap<>();
		for (MeterReading meter : meters) {
			meter.values()
				.forEach((value) -> samples.merge(value.statistic(), value.value(),
						(value.statistic() == Statistic.MAX) ? Double::max : Double::sum));
			meter.tags()
				.forEach((own) -> available.computeIfAbsent(own.getKey(), (_) -> new TreeSet<>()).add(own.getValue()));
		}
		tags.forEach((own) -> available.remove(own.getKey()));
		MeterReading first = meters.getFirst();
		return new MetricDescriptor(requiredMetricName, first.description(), first.baseUnit(),
				samples.entrySet().stream().map((entry) -> new Sample(entry.getKey(), entry.getValue())).toList(),
				available.entrySet()
					.stream()
					.map((entry) -> new AvailableTag(entry.getKey(), entry.getValue()))
					.toList());
	}

	private static Tag parse(String tag) {
		String[] parts = tag.split(":", 2);
		if (parts.length != 2) {
			throw new InvalidEndpointRequestException(
					"Each tag parameter must be in the form 'key:value' but was: " + tag,
					"Each tag parameter must be in the form 'key:value'");
		}
		return Tag.of(parts[0], parts[1]);
	}

	/**
	 * Return the readings of all workers.
	 */
	private Stream<MeterReading> readings() {
		FleetSnapshots.Collected<List<MeterReading>> collected = this.snapshots.collect();
		List<MeterReading> readings = new ArrayList<>();
		collected.own().stream().filter((meter) -> FleetMeters.contains(meter.name())).forEach(readings::add);
		for (FleetSnapshots.Part<List<MeterReading>> part : collected.parts()) {
			Tag worker = Tag.of(FleetMeters.WORKER, Integer.toString(part.index()));
			for (MeterReading meter : part.snapshot()) {
				if (!FleetMeters.contains(meter.name())) {
					readings.add(meter.cumulative().with(worker));
					if (part.live()) {
						readings.add(meter.momentary().with(worker));
					}
				}
			}
		}
		collected.up()
			.forEach((index,
					up) -> readings.add(new MeterReading(FleetMeters.UP, Meter.Type.GAUGE, FleetMeters.UP_DESCRIPTION,
							null, List.of(Tag.of(FleetMeters.WORKER, index.toString())),
							List.of(new MeterReading.Value(Statistic.VALUE, up ? 1 : 0)))));
		return readings.stream().filter((meter) -> !meter.values().isEmpty());
	}

}
