package dev.tomcorn.core.incident;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The kernel's count of out-of-memory kills: of this process's control group, or of the
 * whole machine if there is none.
 */
final class OutOfMemoryKills {

	private static final String KEY = "oom_kill";

	/**
	 * Version 1 shows the lack of a limit as a number near the largest.
	 */
	private static final long NO_LIMIT = 1L << 60;

	private static final long MEGABYTE = 1024 * 1024;

	private final @Nullable Source source;

	/**
	 * Find the counter.
	 * @param root root of the file system
	 */
	OutOfMemoryKills(Path root) {
		this.source = candidates(root).stream().filter((candidate) -> read(candidate) >= 0).findFirst().orElse(null);
	}

	/**
	 * Where a counter is.
	 *
	 * @param counter file of the counter
	 * @param limit name of the file with the limit; {@code null} for the whole machine
	 * @param mount top directory of the control groups
	 */
	private record Source(Path counter, @Nullable String limit, Path mount) {
	}

	private static List<Source> candidates(Path root) {
		List<Source> candidates = new ArrayList<>();
		Path mount = root.resolve("sys/fs/cgroup");
		for (String line : lines(root.resolve("proc/self/cgroup"))) {
			// number:controllers:path, of version 2 without controllers
			String[] fields = line.split(":", 3);
			if (fields.length == 3 && fields[1].isEmpty()) {
				addGroup(candidates, mount, fields[2], "memory.events", "memory.max");
			}
			else if (fields.length == 3 && List.of(fields[1].split(",")).contains("memory")) {
				addGroup(candidates, mount.resolve("memory"), fields[2], "memory.oom_control", "memory.limit_in_bytes");
			}
		}
		candidates.add(new Source(root.resolve("proc/vmstat"), null, root));
		return candidates;
	}

	private static void addGroup(List<Source> candidates, Path mount, String group, String counter, String limit) {
		Path own = mount.resolve(group.replaceFirst("^/+", "")).normalize();
		if (own.startsWith(mount)) {
			candidates.add(new Source(own.resolve(counter), limit, mount));
		}
		// In a container the path may be that of the host
		candidates.add(new Source(mount.resolve(counter), limit, mount));
	}

	/**
	 * Return the number of kills since the group, or the machine, was started.
	 * @return the number, or -1 if unknown
	 */
	long count() {
		return (this.source != null) ? read(this.source) : -1;
	}

	private static long read(Source source) {
		for (String line : lines(source.counter())) {
			String[] fields = line.split(" ", 2);
			if (fields.length == 2 && fields[0].equals(KEY)) {
				return parse(fields[1]);
			}
		}
		return -1;
	}

	/**
	 * Describe what was short of memory, for the operator.
	 */
	String scope() {
		if (this.source == null || this.source.limit() == null) {
			return "counted for the whole machine";
		}
		long limit = NO_LIMIT;
		Path group = this.source.counter().getParent();
		while (group != null && group.startsWith(this.source.mount())) {
			for (String line : lines(group.resolve(this.source.limit()))) {
				long value = parse(line);
				limit = (value >= 0) ? Math.min(limit, value) : limit;
			}
			group = group.getParent();
		}
		if (limit >= NO_LIMIT) {
			return "cgroup without a limit: the machine's memory";
		}
		return "cgroup limit " + ((limit >= MEGABYTE) ? limit / MEGABYTE + " MB" : limit + " bytes");
	}

	private static long parse(String number) {
		try {
			return Long.parseLong(number.strip());
		}
		catch (NumberFormatException ex) {
			// Version 2 writes "max" for no limit
			return -1;
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
