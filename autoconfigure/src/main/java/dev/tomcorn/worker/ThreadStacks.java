package dev.tomcorn.worker;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.tomcorn.core.process.LockFile;

/**
 * The stacks of all virtual threads. Only the JVM's dump includes those that belong to no
 * request. Taking them needs no virtual thread.
 */
final class ThreadStacks {

	private static final Pattern FRAME = Pattern
		.compile("\"(?:[^\"/]*\\\\?/)?([^\"/(]+)\\.([^.\"(]+)\\((?:([^:\")]+)(?::(\\d+))?)?\\)\",?");

	private ThreadStacks() {
	}

	/**
	 * The stack of a virtual thread.
	 *
	 * @param thread its number
	 * @param mounted whether it has a carrier
	 * @param frames its frames, innermost first
	 */
	record Stack(long thread, boolean mounted, StackTraceElement[] frames) {
	}

	/**
	 * Take the stacks.
	 * @param wanted selects the stacks to keep; there may be tens of thousands
	 * @return the stacks of the virtual threads that the JVM tracks
	 * @throws IOException if the dump cannot be written
	 */
	static List<Stack> take(Predicate<Stack> wanted) throws IOException {
		// The JVM writes a dump to a new file only
		Path folder = Files.createTempDirectory("tomcorn-stacks");
		Path file = folder.resolve("stacks.json");
		// The arbiter removes the files of a killed worker
		LockFile alive = LockFile.create(folder);
		try {
			ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
				.dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
			try (Stream<String> lines = Files.lines(file)) {
				return parse(lines.iterator(), wanted);
			}
		}
		finally {
			Files.deleteIfExists(file);
			Files.deleteIfExists(folder.resolve(LockFile.NAME));
			Files.deleteIfExists(folder);
			alive.close();
		}
	}

	/**
	 * Parse a dump, which has one value a line.
	 */
	static List<Stack> parse(Iterator<String> lines, Predicate<Stack> wanted) {
		List<Stack> stacks = new ArrayList<>();
		long thread = 0;
		boolean virtual = false;
		boolean mounted = false;
		List<StackTraceElement> frames = new ArrayList<>();
		while (lines.hasNext()) {
			String line = lines.next().strip();
			if (line.startsWith("\"tid\":")) {
				add(stacks, virtual, new Stack(thread, mounted, frames.toArray(StackTraceElement[]::new)), wanted);
				thread = Long.parseLong(line.replaceAll("\\D", ""));
				virtual = false;
				mounted = false;
				frames.clear();
			}
			else if (line.startsWith("\"virtual\": true")) {
				virtual = true;
			}
			else if (line.startsWith("\"carrier\":")) {
				mounted = true;
			}
			else {
				Matcher frame = FRAME.matcher(line);
				if (frame.matches()) {
					frames.add(new StackTraceElement(frame.group(1), frame.group(2), frame.group(3),
							(frame.group(4) != null) ? Integer.parseInt(frame.group(4)) : -1));
				}
			}
		}
		add(stacks, virtual, new Stack(thread, mounted, frames.toArray(StackTraceElement[]::new)), wanted);
		return stacks;
	}

	private static void add(List<Stack> stacks, boolean virtual, Stack stack, Predicate<Stack> wanted) {
		if (virtual && wanted.test(stack)) {
			stacks.add(stack);
		}
	}

}
