package dev.tomcorn.it;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Collects the outcomes of all tests and prints one table when the last one has ended.
 */
final class OutcomeTable implements BeforeEachCallback {

	private Rows rows = new Rows();

	@Override
	public void beforeEach(ExtensionContext context) {
		this.rows = context.getRoot()
			.getStore(Namespace.create(OutcomeTable.class))
			.computeIfAbsent(Rows.class, (key) -> new Rows(), Rows.class);
	}

	/**
	 * Add a row, and print it.
	 * @param event the event under load
	 */
	void add(String event, MixedTally tally) {
		Figures.print("%s: %s", event, tally);
		Stream<String> outcomes = Arrays.stream(Outcome.values())
			.map((outcome) -> String.format(Locale.ROOT, "%,d", tally.count(outcome)));
		this.rows.lines.add(Stream.concat(Stream.of(event, String.format(Locale.ROOT, "%,d", tally.size())), outcomes)
			.collect(Collectors.joining(" | ", "| ", " |")));
	}

	/**
	 * The rows; printed when the test run ends.
	 */
	private static final class Rows implements AutoCloseable {

		private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

		@Override
		public void close() {
			if (!this.lines.isEmpty()) {
				String head = Stream
					.concat(Stream.of("under load", "requests"),
							Arrays.stream(Outcome.values())
								.map((outcome) -> outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ')))
					.collect(Collectors.joining(" | ", "| ", " |"));
				String rule = "|---|" + "---:|".repeat(Outcome.values().length + 1);
				Figures.print("outcomes%n%s%n%s%n%s", head, rule, String.join(System.lineSeparator(), this.lines));
			}
		}

	}

}
