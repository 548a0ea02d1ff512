package dev.tomcorn.core.problem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import dev.tomcorn.core.problem.FleetFacts.Level;
import org.jspecify.annotations.Nullable;

/**
 * The control group (version 2) of this process. Unknown values read as zero.
 */
final class ControlGroup {

	private final @Nullable Path directory;

	/**
	 * Find the group.
	 * @param root root of the file system
	 */
	ControlGroup(Path root) {
		Path mount = root.resolve("sys/fs/cgroup");
		Path own = mount;
		for (String line : lines(root.resolve("proc/self/cgroup"))) {
			if (line.startsWith("0::")) {
				own = mount.resolve(line.substring(3).replaceFirst("^/+", "")).normalize();
			}
		}
		// In a container the path may be that of the host
		this.directory = (own.startsWith(mount) && Files.exists(own.resolve("memory.current"))) ? own
				: Files.exists(mount.resolve("memory.current")) ? mount : null;
	}

	/**
	 * Return the memory that the group uses, without file cache that can be dropped.
	 */
	Level memory() {
		if (this.directory == null) {
			return Level.UNKNOWN;
		}
		long limit = number("memory.max");
		long used = number("memory.current") - value("memory.stat", "inactive_file");
		return (limit > 0) ? new Level(Math.max(0, used), limit) : Level.UNKNOWN;
	}

	/**
	 * How much a limit has throttled the group so far.
	 *
	 * @param micros throttled time in microseconds, summed over the CPUs
	 * @param periods periods in which the group has run
	 * @param throttledPeriods periods in which it was throttled, at least briefly
	 */
	record Throttling(long micros, long periods, long throttledPeriods) {
	}

	Throttling throttling() {
		return new Throttling(value("cpu.stat", "throttled_usec"), value("cpu.stat", "nr_periods"),
				value("cpu.stat", "nr_throttled"));
	}

	private long number(String file) {
		List<String> lines = (this.directory != null) ? lines(this.directory.resolve(file)) : List.of();
		return lines.isEmpty() ? 0 : parse(lines.getFirst());
	}

	private long value(String file, String key) {
		if (this.directory != null) {
			for (String line : lines(this.directory.resolve(file))) {
				if (line.startsWith(key + " ")) {
					return parse(line.substring(key.length() + 1));
				}
			}
		}
		return 0;
	}

	private static long parse(String number) {
		try {
			return Long.parseLong(number.strip());
		}
		catch (NumberFormatException ex) {
			// "max" for no limit
			return 0;
		}
	}

	private static List<String> lines(Path file) {
		try {
			return Files.readAllLines(file);
		}
		catch (IOException | RuntimeException ex) {
			return List.of();
		}
	}

}
