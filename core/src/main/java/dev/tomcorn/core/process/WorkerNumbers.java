package dev.tomcorn.core.process;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/**
 * The numbers that tell workers apart in their JVM options, as a port must. A worker's
 * number is its index, unless another worker that has not ended has that number, as while
 * one takes the place of the other.
 *
 * @param foreign the numbers of the workers of the arbiter that this one replaces
 */
public record WorkerNumbers(Set<Integer> foreign) {

	static final String VARIABLE = "TOMCORN_NUMBERS";

	public WorkerNumbers {
		foreign = Set.copyOf(foreign);
	}

	/**
	 * Read what the arbiter before has handed on.
	 * @param environment environment variables of this process
	 * @param replaces whether this process replaces an arbiter
	 * @return the numbers
	 */
	public static WorkerNumbers fromEnvironment(Map<String, String> environment, boolean replaces) {
		String value = environment.getOrDefault(VARIABLE, "");
		return new WorkerNumbers((replaces && value.matches("\\d{1,9}(,\\d{1,9})*"))
				? Arrays.stream(value.split(",")).map(Integer::valueOf).collect(Collectors.toSet()) : Set.of());
	}

	static Map<String, String> toEnvironment(Collection<Integer> own) {
		return Map.of(VARIABLE, own.stream().sorted().map(String::valueOf).collect(Collectors.joining(",")));
	}

	/**
	 * Choose the number of a worker.
	 * @param index its index
	 * @param own the numbers of the other workers of this arbiter
	 * @return a number that no other worker has
	 */
	public int choose(int index, Collection<Integer> own) {
		Set<Integer> taken = new HashSet<>(own);
		taken.addAll(this.foreign);
		IntPredicate free = (number) -> !taken.contains(number);
		if (free.test(index)) {
			return index;
		}
		int number = 0;
		while (!free.test(number)) {
			number++;
		}
		return number;
	}

}
