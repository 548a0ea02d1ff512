package dev.tomcorn.core;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WarningLog}.
 */
class WarningLogTests {

	private final List<String> log = new ArrayList<>();

	private final WarningLog warnings = new WarningLog((level, message) -> this.log.add(level + " " + message));

	@Test
	void eachNameIsToldOnce() {
		this.warnings.tell("sessions", "in memory of worker 0");
		this.warnings.tell("caches", "in memory");
		this.warnings.tell("sessions", "in memory of worker 1");
		assertThat(this.log).containsExactly("WARN in memory of worker 0", "WARN in memory");
	}

	@Test
	void workerThatWarnsWithoutEndDoesNotFillTheLog() {
		for (int number = 0; number < 10_000; number++) {
			this.warnings.tell("name " + number, "text");
		}
		assertThat(this.log).hasSize(100);
	}

}
