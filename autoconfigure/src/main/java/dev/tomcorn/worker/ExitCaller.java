package dev.tomcorn.worker;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.scoreboard.WorkerRecord;

/**
 * Finds and records the code that ends this JVM with {@link System#exit}. The thread that
 * has called it waits there until the JVM has ended.
 */
final class ExitCaller {

	private static final Set<String> EXITS = Set.of("java.lang.System", "java.lang.Runtime", "java.lang.Shutdown");

	private ExitCaller() {
	}

	/**
	 * Register a shutdown hook that finds the caller.
	 * @param record where to record it
	 * @param finder finds the application's frames
	 * @param expected whether the end is planned
	 */
	static void watch(WorkerRecord record, ApplicationFrames finder, BooleanSupplier expected) {
		Thread hook = Thread.ofPlatform().name("tomcorn-exit").unstarted(() -> {
			if (!expected.getAsBoolean()) {
				record.setNote(WorkerRecord.Note.EXIT_CALLER, find(finder));
			}
		});
		try {
			Runtime.getRuntime().addShutdownHook(hook);
		}
		catch (IllegalStateException ex) {
			// The JVM is already ending
		}
	}

	private static String find(ApplicationFrames finder) {
		String caller = find(Thread.getAllStackTraces().values(), finder);
		if (!caller.isEmpty()) {
			return caller;
		}
		try {
			return find(ThreadStacks.take((stack) -> callers(stack.frames()).findAny().isPresent())
				.stream()
				.map(ThreadStacks.Stack::frames)
				.toList(), finder);
		}
		catch (IOException | RuntimeException ex) {
			return "";
		}
	}

	/**
	 * Find the caller among some stacks.
	 * @return its place, such as {@code PaymentJob.java:41}; empty if there is none
	 */
	static String find(Collection<StackTraceElement[]> stacks, ApplicationFrames finder) {
		return stacks.stream()
			.flatMap((stack) -> callers(stack))
			.map((callers) -> finder.first(callers, 1))
			.filter((frames) -> !frames.isEmpty())
			.map(List::getFirst)
			.map(ApplicationFrames::place)
			.findFirst()
			.orElse("");
	}

	/**
	 * Return the callers of the exit, if this stack is in one.
	 */
	private static Stream<StackTraceElement[]> callers(StackTraceElement[] stack) {
		int end = -1;
		for (int depth = 0; depth < stack.length; depth++) {
			if (EXITS.contains(stack[depth].getClassName()) && stack[depth].getMethodName().equals("exit")) {
				end = depth;
			}
		}
		// After a signal, the JVM itself calls it
		boolean asked = end >= 0 && !stack[end].getClassName().equals("java.lang.Shutdown");
		return asked ? Stream.<StackTraceElement[]>of(Arrays.copyOfRange(stack, end + 1, stack.length))
				: Stream.empty();
	}

}
