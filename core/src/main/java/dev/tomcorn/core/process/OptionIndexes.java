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
 * The indexes that replace {@code {worker}} in JVM options. A worker uses its own index
 * unless another process still uses it, for example during a reload. So two processes
 * never open the same port.
 *
 * @param foreign the indexes that the workers of the arbiter that this one replaces use
 * @param predecessor the process id of that arbiter, whose workers end before it does
 */
public record OptionIndexes(Set<Integer> foreign, long predecessor) {

	static final String VARIABLE = "TOMCORN_NUMBERS";

	public OptionIndexes {
		foreign = Set.copyOf(foreign);
	}

	/**
	 * Read the indexes that the previous arbiter has passed on.
	 * @param environment environment variables of this process
	 * @param predecessor the arbiter that this one replaces, or {@code null}
	 * @return the indexes
	 */
	public static OptionIndexes fromEnvironment(Map<String, String> environment, @Nullable Predecessor predecessor) {
		String value = environment.getOrDefault(VARIABLE, "");
		if (predecessor == null || !value.matches("\\d{1,9}(,\\d{1,9})*")) {
			return new OptionIndexes(Set.of(), -1);
		}
		return new OptionIndexes(Arrays.stream(value.split(",")).map(Integer::valueOf).collect(Collectors.toSet()),
				predecessor.pid());
	}

	static Map<String, String> toEnvironment(Collection<Integer> own) {
		return Map.of(VARIABLE, own.stream().sorted().map(String::valueOf).collect(Collectors.joining(",")));
	}

	/**
	 * Choose the index for the options of a worker.
	 * @param index its index
	 * @param own the indexes that the other workers of this arbiter use
	 * @return an index that no other worker uses
	 */
	public int choose(int index, Collection<Integer> own) {
		Set<Integer> taken = new HashSet<>(own);
		if (!this.foreign.isEmpty() && ProcessHandle.of(this.predecessor).filter(ProcessHandle::isAlive).isPresent()) {
			taken.addAll(this.foreign);
		}
		IntPredicate free = (optionIndex) -> !taken.contains(optionIndex);
		if (free.test(index)) {
			return index;
		}
		int optionIndex = 0;
		while (!free.test(optionIndex)) {
			optionIndex++;
		}
		return optionIndex;
	}

}
