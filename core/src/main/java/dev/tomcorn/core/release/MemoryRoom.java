package dev.tomcorn.core.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The free memory of this control group (version 2), of its parents and of the machine.
 * An unknown value counts as no limit.
 */
final class MemoryRoom {

	private static final long KILOBYTE = 1024;

	private final Path root;

	/**
	 * Create a reader.
	 * @param root root of the file system
	 */
	MemoryRoom(Path root) {
		this.root = root;
	}

	/**
	 * Return the free bytes.
	 */
	long bytes() {
		long room = machine();
		Path mount = this.root.resolve("sys/fs/cgroup");
		Path group = mount;
		for (String line : lines(this.root.resolve("proc/self/cgroup"))) {
			if (line.startsWith("0::")) {
				group = mount.resolve(line.substring(3).replaceFirst("^/+", "")).normalize();
			}
		}
		// In a container the path may be that of the host
		for (Path above = (group.startsWith(mount) && Files.exists(group)) ? group : mount; above != null
				&& above.startsWith(mount); above = above.getParent()) {
			room = Math.min(room, room(above));
		}
		return room;
	}

	private long machine() {
		Long available = value(lines(this.root.resolve("proc/meminfo")), "MemAvailable:");
		return (available != null) ? available * KILOBYTE : Long.MAX_VALUE;
	}

	private static long room(Path group) {
		Long limit = number(lines(group.resolve("memory.max")));
		Long used = number(lines(group.resolve("memory.current")));
		if (limit == null || used == null) {
			return Long.MAX_VALUE;
		}
		// File cache that can be dropped
		Long inactive = value(lines(group.resolve("memory.stat")), "inactive_file");
		return Math.max(0, limit - used + ((inactive != null) ? inactive : 0));
	}

	private static @Nullable Long value(List<String> lines, String key) {
		for (String line : lines) {
			String[] words = line.strip().split("\\s+");
			if (words.length > 1 && words[0].equals(key)) {
				return number(List.of(words[1]));
			}
		}
		return null;
	}

	private static @Nullable Long number(List<String> lines) {
		try {
			return lines.isEmpty() ? null : Long.valueOf(lines.getFirst().strip());
		}
		catch (NumberFormatException ex) {
			// "max" for no limit
			return null;
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
