package dev.tomcorn.worker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.problem.WorkerFacts.Carriers;

/**
 * Finds in a dump of all threads what holds the carriers of virtual threads: those
 * virtual threads that run. One that waits has given its carrier back, and one that waits
 * for a carrier for the first time has no stack.
 */
final class CarrierHolders {

	private static final Pattern HEADER = Pattern.compile("^#\\d+ \".*\" virtual RUNNABLE\\b.*");

	private static final Pattern FRAME = Pattern
		.compile("^\\s+(?:at )?(?:[^/\\s]+/)*([\\w.$]+)\\.([\\w$<>]+)\\(([^:)]*)(?::(\\d+))?\\)$");

	private final ApplicationFrames frames;

	CarrierHolders(ApplicationFrames frames) {
		this.frames = frames;
	}

	/**
	 * Return what most of the carriers are held by.
	 * @param dump the dump, as the JVM writes it
	 * @param parallelism how many carriers there are
	 */
	Carriers of(String dump, int parallelism) {
		Map<String, Integer> places = new LinkedHashMap<>();
		int running = 0;
		for (List<StackTraceElement> stack : running(dump)) {
			running++;
			this.frames.first(stack.toArray(StackTraceElement[]::new), 1)
				.forEach((frame) -> places.merge(ApplicationFrames.place(frame), 1, Integer::sum));
		}
		String place = places.entrySet()
			.stream()
			.max(Comparator.comparingInt(Map.Entry::getValue))
			.map(Map.Entry::getKey)
			.orElse("");
		return new Carriers(Math.min(running, parallelism), parallelism, place);
	}

	private static List<List<StackTraceElement>> running(String dump) {
		List<List<StackTraceElement>> stacks = new ArrayList<>();
		List<StackTraceElement> stack = null;
		for (String line : (Iterable<String>) dump.lines()::iterator) {
			if (line.startsWith("#")) {
				stack = HEADER.matcher(line).matches() ? new ArrayList<>() : null;
			}
			else if (stack != null) {
				Matcher frame = FRAME.matcher(line);
				if (frame.matches()) {
					if (stack.isEmpty()) {
						stacks.add(stack);
					}
					stack.add(new StackTraceElement(frame.group(1), frame.group(2), frame.group(3),
							(frame.group(4) != null) ? Integer.parseInt(frame.group(4)) : -1));
				}
			}
		}
		return stacks;
	}

}
