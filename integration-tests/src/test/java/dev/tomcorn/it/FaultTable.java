package dev.tomcorn.it;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.tomcorn.it.Trial.Fault;
import dev.tomcorn.it.Trial.PlannedOperation;

/**
 * The results of a fault campaign: a row for each operation, and for each fault the
 * number of trials and the longest time without an answer.
 */
final class FaultTable {

	private static final Cell NONE = new Cell(0, Duration.ZERO, 0, 0, 0);

	private final Map<PlannedOperation, Map<Fault, Cell>> cells = new EnumMap<>(PlannedOperation.class);

	/**
	 * The results of the trials of one fault.
	 *
	 * @param trials how many there were
	 * @param gap the longest time without an answer, if the fleet went on
	 * @param missed trials in which the victim had ended before
	 * @param requests number of requests
	 * @param lost requests that were in flight in a killed worker
	 */
	private record Cell(int trials, Duration gap, int missed, long requests, long lost) {

		Cell plus(Cell other) {
			return new Cell(this.trials + other.trials, (this.gap.compareTo(other.gap) > 0) ? this.gap : other.gap,
					this.missed + other.missed, this.requests + other.requests, this.lost + other.lost);
		}

		@Override
		public String toString() {
			if (this.trials == 0) {
				return "";
			}
			return this.gap.isZero() ? "" + this.trials
					: String.format(Locale.ROOT, "%d: %.1f s", this.trials, this.gap.toMillis() / 1000.0);
		}

	}

	void add(Trial trial, TrialRun.Result result) {
		Duration gap = (result.gap() != null) ? result.gap() : Duration.ZERO;
		this.cells.computeIfAbsent(trial.operation(), (operation) -> new EnumMap<>(Fault.class))
			.merge(trial.fault(), new Cell(1, gap, result.hit() ? 0 : 1, result.requests(), result.lost()), Cell::plus);
	}

	void print() {
		String head = row(Stream.concat(Stream.of("operation"), Arrays.stream(Fault.values()).map(FaultTable::name)),
				"too late", "requests", "lost with a killed worker");
		String rows = this.cells.entrySet()
			.stream()
			.map((entry) -> row(entry.getKey(), entry.getValue()))
			.collect(Collectors.joining(System.lineSeparator()));
		Figures.print("fault campaign: trials, and the longest time without an answer%n%s%n%s%n%s", head,
				"|---".repeat(head.split("\\|", -1).length - 2) + "|", rows);
	}

	private static String row(PlannedOperation operation, Map<Fault, Cell> row) {
		Cell sum = row.values().stream().reduce(NONE, Cell::plus);
		return row(
				Stream.concat(Stream.of(name(operation)),
						Arrays.stream(Fault.values()).map((fault) -> row.getOrDefault(fault, NONE).toString())),
				"" + sum.missed(), String.format(Locale.ROOT, "%,d", sum.requests()),
				String.format(Locale.ROOT, "%,d", sum.lost()));
	}

	private static String row(Stream<String> cells, String... more) {
		return Stream.concat(cells, Stream.of(more)).collect(Collectors.joining(" | ", "| ", " |"));
	}

	private static String name(Enum<?> constant) {
		return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
	}

}
