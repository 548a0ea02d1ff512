package dev.tomcorn.metrics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import org.jspecify.annotations.Nullable;

/**
 * The values of a meter at one time.
 *
 * @param name its name
 * @param type its type
 * @param description what it measures
 * @param baseUnit its unit
 * @param tags its tags
 * @param values its measurements
 */
record MeterReading(String name, Meter.Type type, @Nullable String description, @Nullable String baseUnit,
		List<Tag> tags, List<Value> values) {

	private static final Set<Statistic> CUMULATIVE = Set.of(Statistic.COUNT, Statistic.TOTAL, Statistic.TOTAL_TIME);

	/**
	 * A measurement.
	 *
	 * @param statistic what it measures
	 * @param value the value
	 */
	record Value(Statistic statistic, double value) {

	}

	/**
	 * Read the meters. Of several registries, the first that has a name counts.
	 */
	static List<MeterReading> of(MeterRegistry registry) {
		if (!(registry instanceof CompositeMeterRegistry composite)) {
			return registry.getMeters().stream().map((meter) -> of(meter)).toList();
		}
		Map<String, List<MeterReading>> byName = new LinkedHashMap<>();
		for (MeterRegistry member : composite.getRegistries()) {
			of(member).stream().collect(Collectors.groupingBy(MeterReading::name)).forEach(byName::putIfAbsent);
		}
		return byName.values().stream().flatMap(List::stream).toList();
	}

	static MeterReading of(Meter meter) {
		List<Value> values = Stream.of(meter.measure())
			.flatMap((measurements) -> StreamSupport.stream(measurements.spliterator(), false))
			.map((Measurement measurement) -> new Value(measurement.getStatistic(), measurement.getValue()))
			.toList();
		Meter.Id id = meter.getId();
		return new MeterReading(id.getName(), id.getType(), id.getDescription(), id.getBaseUnit(), id.getTags(), values)
			.known();
	}

	/**
	 * Leave out counts that are NaN, which would make every sum NaN.
	 */
	private MeterReading known() {
		return with(
				this.values.stream().filter((value) -> !isCumulative(value) || !Double.isNaN(value.value())).toList());
	}

	/**
	 * Return this reading with the counts of an earlier one that it lacks.
	 */
	MeterReading withMissing(MeterReading before) {
		List<Value> missing = before.cumulative()
			.values()
			.stream()
			.filter((value) -> this.values.stream().noneMatch((own) -> own.statistic() == value.statistic()))
			.toList();
		return with(Stream.concat(this.values.stream(), missing.stream()).toList());
	}

	/**
	 * Return the part that only ever grows.
	 */
	MeterReading cumulative() {
		return with(this.values.stream()
			.filter(this::isCumulative)
			.map((value) -> new Value(value.statistic(), Grid.floor(value.value())))
			.toList());
	}

	/**
	 * Return the part that can go down.
	 */
	MeterReading momentary() {
		return with(this.values.stream().filter((value) -> !isCumulative(value)).toList());
	}

	private boolean isCumulative(Value value) {
		return switch (this.type) {
			case COUNTER, TIMER, DISTRIBUTION_SUMMARY, OTHER -> CUMULATIVE.contains(value.statistic());
			case GAUGE, LONG_TASK_TIMER -> false;
		};
	}

	private MeterReading with(List<Value> newValues) {
		return new MeterReading(this.name, this.type, this.description, this.baseUnit, this.tags, newValues);
	}

	/**
	 * Return this reading with another tag, unless it already has a tag of that key.
	 */
	MeterReading with(Tag tag) {
		if (this.tags.stream().anyMatch((own) -> own.getKey().equals(tag.getKey()))) {
			return this;
		}
		return new MeterReading(this.name, this.type, this.description, this.baseUnit,
				Stream.concat(this.tags.stream(), Stream.of(tag)).toList(), this.values);
	}

}
