package dev.tomcorn.core.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class OptionIndexesTests {

	@Test
	void numberIsTheIndexUnlessAnotherWorkerHasThat() {
		OptionIndexes numbers = new OptionIndexes(Set.of(), -1);
		assertThat(numbers.choose(1, List.of(0))).isEqualTo(1);
		assertThat(numbers.choose(0, List.of(0, 1))).isEqualTo(2);
		assertThat(numbers.choose(1, List.of(1, 2))).isZero();
	}

	@Test
	void arbiterThatReplacesAnotherKeepsOffItsNumbers() {
		Map<String, String> environment = OptionIndexes.toEnvironment(List.of(1, 0));
		Predecessor alive = new Predecessor(ProcessHandle.current().pid(), Path.of("/run"));
		OptionIndexes numbers = OptionIndexes.fromEnvironment(environment, alive);
		assertThat(numbers.choose(0, List.of())).isEqualTo(2);
		assertThat(numbers.choose(1, List.of(2))).isEqualTo(3);
		assertThat(OptionIndexes.fromEnvironment(environment, null).choose(0, List.of())).as("inherited").isZero();
		Predecessor ended = new Predecessor(Integer.MAX_VALUE, Path.of("/run"));
		assertThat(OptionIndexes.fromEnvironment(environment, ended).choose(0, List.of())).as("it has ended").isZero();
	}

	@Test
	void anotherTextIsNone() {
		for (String text : List.of("", "x", "1,", "99999999999")) {
			assertThat(OptionIndexes.fromEnvironment(Map.of(OptionIndexes.VARIABLE, text),
					new Predecessor(1, Path.of("/run"))))
				.isEqualTo(new OptionIndexes(Set.of(), -1));
		}
		assertThat(OptionIndexes
			.fromEnvironment(OptionIndexes.toEnvironment(List.of()), new Predecessor(1, Path.of("/run")))
			.foreign()).isEmpty();
	}

}
