package dev.tomcorn.core.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WorkerNumbersTests {

	@Test
	void numberIsTheIndexUnlessAnotherWorkerHasThat() {
		WorkerNumbers numbers = new WorkerNumbers(Set.of(), -1);
		assertThat(numbers.choose(1, List.of(0))).isEqualTo(1);
		assertThat(numbers.choose(0, List.of(0, 1))).isEqualTo(2);
		assertThat(numbers.choose(1, List.of(1, 2))).isZero();
	}

	@Test
	void arbiterThatReplacesAnotherKeepsOffItsNumbers() {
		Map<String, String> environment = WorkerNumbers.toEnvironment(List.of(1, 0));
		Predecessor alive = new Predecessor(ProcessHandle.current().pid(), Path.of("/run"));
		WorkerNumbers numbers = WorkerNumbers.fromEnvironment(environment, alive);
		assertThat(numbers.choose(0, List.of())).isEqualTo(2);
		assertThat(numbers.choose(1, List.of(2))).isEqualTo(3);
		assertThat(WorkerNumbers.fromEnvironment(environment, null).choose(0, List.of())).as("inherited").isZero();
		Predecessor ended = new Predecessor(Integer.MAX_VALUE, Path.of("/run"));
		assertThat(WorkerNumbers.fromEnvironment(environment, ended).choose(0, List.of())).as("it has ended").isZero();
	}

	@Test
	void anotherTextIsNone() {
		for (String text : List.of("", "x", "1,", "99999999999")) {
			assertThat(WorkerNumbers.fromEnvironment(Map.of(WorkerNumbers.VARIABLE, text),
					new Predecessor(1, Path.of("/run"))))
				.isEqualTo(new WorkerNumbers(Set.of(), -1));
		}
		assertThat(WorkerNumbers
			.fromEnvironment(WorkerNumbers.toEnvironment(List.of()), new Predecessor(1, Path.of("/run")))
			.foreign()).isEmpty();
	}

}
