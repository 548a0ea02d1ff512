package dev.tomcorn.core.problem;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

import dev.tomcorn.core.problem.FleetFacts.Disk;
import org.jspecify.annotations.Nullable;

/**
 * Reads the free space of the disks that the fleet writes to, in a thread of its own,
 * since a disk may hang.
 */
final class DiskWatch implements AutoCloseable {

	private static final Duration INTERVAL = Duration.ofSeconds(5);

	private final Map<String, Path> directories;

	private final Thread thread;

	private volatile List<Disk> disks = List.of();

	private volatile boolean closed;

	/**
	 * Start the watch.
	 * @param directories directories by purpose
	 */
	DiskWatch(Map<String, Path> directories) {
		this.directories = Map.copyOf(directories);
		this.thread = Thread.ofPlatform().daemon().name("tomcorn-disks").start(this::run);
	}

	private void run() {
		while (!this.closed) {
			this.disks = sample(this.directories);
			LockSupport.parkNanos(INTERVAL.toNanos());
		}
	}

	static List<Disk> sample(Map<String, Path> directories) {
		List<Disk> found = new ArrayList<>();
		directories.forEach((purpose, directory) -> {
			Path there = existing(directory.toAbsolutePath());
			if (there != null) {
				try {
					FileStore disk = Files.getFileStore(there);
					found.add(new Disk(purpose, directory.toString(), disk.getUsableSpace(), disk.getTotalSpace()));
				}
				catch (IOException | RuntimeException ex) {
					// Unknown
				}
			}
		});
		return List.copyOf(found);
	}

	/**
	 * Return the directory, or the nearest parent that exists.
	 */
	private static @Nullable Path existing(Path directory) {
		Path there = directory;
		while (there != null && !Files.isDirectory(there)) {
			there = there.getParent();
		}
		return there;
	}

	/**
	 * Return the last readings.
	 */
	List<Disk> disks() {
		return this.disks;
	}

	@Override
	public void close() {
		this.closed = true;
		LockSupport.unpark(this.thread);
	}

}
