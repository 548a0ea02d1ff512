package dev.tomcorn.core.problem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import dev.tomcorn.core.problem.FleetFacts.Level;

/**
 * The kernel's files about processes. Unknown values read as zero.
 */
public final class ProcFiles {

	private static final String OPEN_FILES = "Max open files";

	private final Path proc;

	ProcFiles(Path proc) {
		this.proc = proc;
	}

	/**
	 * Return the files of this machine.
	 * @return the files
	 */
	public static ProcFiles ofThisMachine() {
		return new ProcFiles(Path.of("/proc"));
	}

	/**
	 * Return whether a signal or a debugger has stopped a process.
	 * @param pid its id
	 * @return whether it is stopped; {@code false} if unknown
	 */
	public boolean isStopped(long pid) {
		char state = state(pid);
		return state == 'T' || state == 't';
	}

	/**
	 * Return whether a process has ended, though it may not have been reaped.
	 */
	boolean hasEnded(long pid) {
		char state = state(pid);
		return state == 'Z' || state == 'X';
	}

	private char state(long pid) {
		try {
			String stat = Files.readString(of(pid).resolve("stat"));
			return stat.charAt(stat.lastIndexOf(')') + 2);
		}
		catch (IOException | RuntimeException ex) {
			return ' ';
		}
	}

	/**
	 * Return how many descriptors a process has open, and its limit.
	 */
	Level descriptors(long pid) {
		try {
			long limit = descriptorLimit(pid);
			return (limit > 0) ? new Level(openDescriptors(pid), limit) : Level.UNKNOWN;
		}
		catch (IOException | RuntimeException ex) {
			return Level.UNKNOWN;
		}
	}

	private long openDescriptors(long pid) throws IOException {
		Path directory = of(pid).resolve("fd");
		// Their number since Linux 6.2
		long size = Files.size(directory);
		if (size > 0) {
			return size;
		}
		try (Stream<Path> files = Files.list(directory)) {
			return files.count();
		}
	}

	private long descriptorLimit(long pid) throws IOException {
		for (String line : Files.readAllLines(of(pid).resolve("limits"))) {
			if (line.startsWith(OPEN_FILES)) {
				String soft = line.substring(OPEN_FILES.length()).strip().split("\\s+")[0];
				return soft.equals("unlimited") ? 0 : Long.parseLong(soft);
			}
		}
		return 0;
	}

	private Path of(long pid) {
		return this.proc.resolve(Long.toString(pid));
	}

	/**
	 * Return the counters of the CPU of the whole machine in ticks: user, nice, system,
	 * idle, iowait, irq, softirq, steal. Empty if unknown.
	 */
	List<Long> cpu() {
		try (Stream<String> lines = Files.lines(this.proc.resolve("stat"))) {
			return lines.filter((line) -> line.startsWith("cpu "))
				.findFirst()
				.map((line) -> Stream.of(line.substring(4).strip().split("\\s+")).limit(8).map(Long::valueOf).toList())
				.orElse(List.of());
		}
		catch (IOException | RuntimeException ex) {
			return List.of();
		}
	}

}
