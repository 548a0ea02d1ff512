package dev.tomcorn.core.process;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * The numbers that tell workers apart in their JVM options, as a port must. A worker's
 * number is its index, unless another worker that has not ended has that number, as while
 * one takes the place of the other.
 *
 * @param foreign the numbers of the workers of the arbiter that this one replaces
 * @param predecessor the process id of that arbiter, whose workers end before it does
 */
public record WorkerNumbers(Set<Integer> foreign, long predecessor) {

	static final String VARIABLE = "TOMCORN_NUMBERS";

	public WorkerNumbers {
		foreign = Set.copyOf(foreign);
	}

	/**
	 * Read what the arbiter before has handed on.
	 * @param environment environment variables of this process
	 * @param predecessor the arbiter that this one replaces, or {@code null}
	 * @return the numbers
	 */
	public static WorkerNumbers fromEnvironment(Map<String, String> environment, @Nullable Predecessor predecessor) {
		String value = environment.getOrDefault(VARIABLE, "");
		if (predecessor == null || !value.matches("\\d{1,9}(,\\d{1,9})*")) {
			return new WorkerNumbers(Set.of(), -1);
		}
		return new WorkerNumbers(Arrays.stream(value.split(",")).map(Integer::valueOf).collect(Collectors.toSet()),
				predecessor.pid());
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
		if (!this.foreign.isEmpty() && ProcessHandle.of(this.predecessor).filter(ProcessHandle::isAlive).isPresent()) {
			taken.addAll(this.foreign);
		}
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
