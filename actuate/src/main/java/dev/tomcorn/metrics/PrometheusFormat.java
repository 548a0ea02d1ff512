package dev.tomcorn.metrics;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.tomcorn.metrics.PrometheusSnapshot.Metric;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.Unit;

/**
 * {@link SnapshotFormat} of {@link PrometheusSnapshot}s.
 */
final class PrometheusFormat implements SnapshotFormat<PrometheusSnapshot> {

	@Override
	public String name() {
		return "prometheus2";
	}

	@Override
	public PrometheusSnapshot cumulative(PrometheusSnapshot snapshot) {
		return new PrometheusSnapshot(snapshot.metrics()
			.stream()
			.filter(Metric::cumulative)
			.filter((metric) -> !FleetMeters.contains(metric.name()))
			.toList());
	}

	@Override
	public PrometheusSnapshot add(PrometheusSnapshot total, PrometheusSnapshot more, boolean grow) {
		Map<String, MetricSum> sums = new LinkedHashMap<>();
		for (Metric metric : total.metrics()) {
			sums.computeIfAbsent(metric.name(), (_) -> new MetricSum(metric)).add(metric, true);
		}
		for (Metric metric : more.metrics()) {
			MetricSum sum = grow ? sums.computeIfAbsent(metric.name(), (_) -> new MetricSum(metric))
					: sums.get(metric.name());
			if (sum != null) {
				sum.add(metric, grow);
			}
		}
		return new PrometheusSnapshot(sums.values().stream().map((sum) -> new Metric(sum.toSnapshot(), true)).toList());
	}

	@Override
	public PrometheusSnapshot keep(PrometheusSnapshot before, PrometheusSnapshot now) {
		Map<String, Metric> kept = new LinkedHashMap<>();
		now.metrics().forEach((metric) -> kept.put(metric.name(), metric));
		cumulative(before).metrics().forEach((metric) -> kept.merge(metric.name(), metric, Metric::withMissing));
		return new PrometheusSnapshot(List.copyOf(kept.values()));
	}

	@Override
	public void write(PrometheusSnapshot snapshot, DataOutput output) throws IOException {
		output.writeInt(snapshot.metrics().size());
		for (Metric metric : snapshot.metrics()) {
			output.writeByte(SeriesType.of(metric.snapshot()).ordinal());
			output.writeBoolean(metric.cumulative());
			MetricMetadata metadata = metric.snapshot().getMetadata();
			StoredText.write(metadata.getName(), output);
			StoredText.write(MetadataNames.expositionBaseName(metadata), output);
			StoredText.write(MetadataNames.originalName(metadata), output);
			StoredText.write(metadata.getHelp(), output);
			Unit unit = metadata.getUnit();
			StoredText.write((unit != null) ? unit.toString() : null, output);
			new SeriesWriter(output).write(metric.snapshot());
		}
	}

	@Override
	public PrometheusSnapshot read(DataInput input) throws IOException {
		int count = input.readInt();
		List<Metric> metrics = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			SeriesType type = SeriesType.values()[input.readUnsignedByte()];
			boolean cumulative = input.readBoolean();
			String name = StoredText.read(input);
			String baseName = StoredText.read(input);
			String originalName = StoredText.read(input);
			String help = StoredText.readNullable(input);
			String unit = StoredText.readNullable(input);
			MetricMetadata metadata = MetadataNames.metadata(name, baseName, originalName, help,
					(unit != null) ? new Unit(unit) : null);
			metrics.add(new Metric(type.snapshot(metadata, new SeriesReader(input).read(type)), cumulative));
		}
		return new PrometheusSnapshot(metrics);
	}

}
