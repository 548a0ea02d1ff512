package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Collects the processes that process 1 of a container inherits when their parents end.
 * Otherwise each would keep an entry in the kernel's process table.
 * <p>
 * It leaves processes that this JVM has started to {@link ChildProcess} and
 * {@link ProcessBuilder}, which collect their exit codes.
 */
public final class OrphanReaper {

	private static final long FIRST_PROCESS = 1;

	/**
	 * Longer than this JVM takes to collect its own children.
	 */
	private static final Duration SCAN_INTERVAL = Duration.ofSeconds(1);

	/**
	 * Interval while there is no child.
	 */
	private static final Duration LONELY_INTERVAL = Duration.ofSeconds(10);

	private static final Path PROCESSES = Path.of("/proc");

	/**
	 * Name of the JDK's thread that waits for a process.
	 */
	private static final String JDK_REAPER = "process reaper (pid %d)";

	private final long self;

	private final EndedChildren endedChildren = new EndedChildren();

	/**
	 * Children that had ended at the last scan.
	 */
	private Set<Ended> seen = Set.of();

	/**
	 * A child that has ended.
	 *
	 * @param pid its process id
	 * @param startedAt when it started, by the kernel's clock
	 */
	private record Ended(int pid, String startedAt) {

	}

	OrphanReaper(long self) {
		this.self = self;
	}

	/**
	 * Collect orphans for as long as this JVM runs, if it is process 1.
	 */
	public static void startIfFirst() {
		long self = ProcessHandle.current().pid();
		if (self == FIRST_PROCESS) {
			Thread.ofPlatform().daemon().name("tomcorn-orphans").start(new OrphanReaper(self)::run);
		}
	}

	private void run() {
		try {
			while (true) {
				Thread.sleep(awaitAndScan() ? Duration.ZERO : LONELY_INTERVAL);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Wait until a child has ended, and scan.
	 * @return whether to wait for the next at once
	 */
	private boolean awaitAndScan() throws InterruptedException {
		try {
			if (!this.endedChildren.await()) {
				return false;
			}
			Thread.sleep(SCAN_INTERVAL);
			scan();
			return true;
		}
		catch (RuntimeException | Error ex) {
			// For example when memory runs out: a later scan collects the orphans
			return false;
		}
	}

	/**
	 * Collect children that had already ended at the last scan, unless another thread
	 * waits for them. A child that has just started may not be registered yet.
	 */
	void scan() {
		Set<Ended> ended = ended();
		for (Ended child : ended) {
			if (this.seen.contains(child) && !isWaitedFor(child.pid())) {
				this.endedChildren.collect(child.pid());
			}
		}
		this.seen = ended;
	}

	static boolean isWaitedFor(int pid) {
		String jdkReaper = JDK_REAPER.formatted(pid);
		return ChildProcess.isWaitedFor(pid) || Thread.getAllStackTraces()
			.keySet()
			.stream()
			.anyMatch((thread) -> thread.getName().equals(jdkReaper));
	}

	private Set<Ended> ended() {
		Set<Ended> ended = new HashSet<>();
		try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[1-9]*")) {
			for (Path process : processes) {
				Ended child = ended(process);
				if (child != null) {
					ended.add(child);
				}
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			// The next scan tries again
		}
		return ended;
	}

	private @Nullable Ended ended(Path process) {
		String stat;
		try {
			stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
		}
		catch (IOException ex) {
			// Collected meanwhile
			return null;
		}
		// pid (command) state parent …; the command may contain anything
		String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
		boolean child = fields[0].equals("Z") && Long.parseLong(fields[1]) == this.self;
		return child ? new Ended(Integer.parseInt(process.getFileName().toString()), fields[19]) : null;
	}

}
