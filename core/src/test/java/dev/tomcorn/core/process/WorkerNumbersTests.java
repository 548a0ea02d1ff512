package dev.tomcorn.core.process;

import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WorkerNumbersTests {

	@Test
	void numberIsTheIndexUnlessAnotherWorkerHasThat() {
		WorkerNumbers numbers = new WorkerNumbers(Set.of());
		assertThat(numbers.choose(1, List.of(0))).isEqualTo(1);
		assertThat(numbers.choose(0, List.of(0, 1))).isEqualTo(2);
		assertThat(numbers.choose(1, List.of(1, 2))).isZero();
	}

	@Test
	void arbiterThatReplacesAnotherKeepsOffItsNumbers() {
		Map<String, String> environment = WorkerNumbers.toEnvironment(List.of(1, 0));
		WorkerNumbers numbers = WorkerNumbers.fromEnvironment(environment, true);
		assertThat(numbers.choose(0, List.of())).isEqualTo(2);
		assertThat(numbers.choose(1, List.of(2))).isEqualTo(3);
		assertThat(WorkerNumbers.fromEnvironment(environment, false).choose(0, List.of())).as("inherited").isZero();
	}

	@Test
	void anotherTextIsNone() {
		for (String text : List.of("", "x", "1,", "99999999999")) {
			assertThat(WorkerNumbers.fromEnvironment(Map.of(WorkerNumbers.VARIABLE, text), true))
				.isEqualTo(new WorkerNumbers(Set.of()));
		}
		assertThat(WorkerNumbers.fromEnvironment(WorkerNumbers.toEnvironment(List.of()), true).foreign()).isEmpty();
	}

}
