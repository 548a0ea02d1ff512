package dev.tomcorn.metrics;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.tomcorn.metrics.MeterReading.Value;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Statistic;
import io.micrometer.core.instrument.Tag;

/**
 * {@link SnapshotFormat} of {@link MeterReading}s.
 */
final class MeterFormat implements SnapshotFormat<List<MeterReading>> {

	private record Key(String name, List<Tag> tags) {

	}

	@Override
	public String name() {
		return "meters2";
	}

	@Override
	public List<MeterReading> cumulative(List<MeterReading> snapshot) {
		return snapshot.stream()
			.filter((meter) -> !FleetMeters.contains(meter.name()))
			.map(MeterReading::cumulative)
			.filter((meter) -> !meter.values().isEmpty())
			.toList();
	}

	@Override
	public List<MeterReading> add(List<MeterReading> total, List<MeterReading> more, boolean grow) {
		Map<Key, MeterReading> sums = new LinkedHashMap<>();
		total.forEach((meter) -> sums.put(new Key(meter.name(), meter.tags()), meter));
		for (MeterReading meter : more) {
			Key key = new Key(meter.name(), meter.tags());
			if (grow || sums.containsKey(key)) {
				sums.merge(key, meter, MeterFormat::add);
			}
		}
		return List.copyOf(sums.values());
	}

	@Override
	public List<MeterReading> keep(List<MeterReading> before, List<MeterReading> now) {
		Map<Key, MeterReading> kept = new LinkedHashMap<>();
		now.forEach((meter) -> kept.put(new Key(meter.name(), meter.tags()), meter));
		cumulative(before)
			.forEach((meter) -> kept.merge(new Key(meter.name(), meter.tags()), meter, MeterReading::withMissing));
		return List.copyOf(kept.values());
	}

	private static MeterReading add(MeterReading one, MeterReading other) {
		Map<Statistic, Double> values = new LinkedHashMap<>();
		one.values().forEach((value) -> values.merge(value.statistic(), value.value(), Double::sum));
		other.values().forEach((value) -> values.merge(value.statistic(), value.value(), Double::sum));
		return new MeterReading(one.name(), one.type(), one.description(), one.baseUnit(), one.tags(),
				values.entrySet().stream().map((entry) -> new Value(entry.getKey(), entry.getValue())).toList());
	}

	@Override
	public void write(List<MeterReading> snapshot, DataOutput output) throws IOException {
		output.writeInt(snapshot.size());
		for (MeterReading meter : snapshot) {
			StoredText.write(meter.name(), output);
			output.writeByte(meter.type().ordinal());
			StoredText.write(meter.description(), output);
			StoredText.write(meter.baseUnit(), output);
			output.writeInt(meter.tags().size());
			for (Tag tag : meter.tags()) {
				StoredText.write(tag.getKey(), output);
				StoredText.write(tag.getValue(), output);
			}
			output.writeInt(meter.values().size());
			for (Value value : meter.values()) {
				output.writeByte(value.statistic().ordinal());
				output.writeDouble(value.value());
			}
		}
	}

	@Override
	public List<MeterReading> read(DataInput input) throws IOException {
		List<MeterReading> snapshot = new ArrayList<>();
		for (int left = input.readInt(); left > 0; left--) {
			String name = StoredText.read(input);
			Meter.Type type = Meter.Type.values()[input.readUnsignedByte()];
			String description = StoredText.readNullable(input);
			String baseUnit = StoredText.readNullable(input);
			List<Tag> tags = new ArrayList<>();
			for (int i = input.readInt(); i > 0; i--) {
				tags.add(Tag.of(StoredText.read(input), StoredText.read(input)));
			}
			List<Value> values = new ArrayList<>();
			for (int i = input.readInt(); i > 0; i--) {
				values.add(new Value(Statistic.values()[input.readUnsignedByte()], input.readDouble()));
			}
			snapshot.add(new MeterReading(name, type, description, baseUnit, tags, values));
		}
		return snapshot;
	}

}
