package dev.tomcorn.core.incident;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The kernel's view of a process that cannot answer because it is stopped, waits for a
 * disk, or its garbage collector uses all processor time. Does not ask the process, which
 * therefore cannot delay it.
 */
final class ProcessView {

	private static final int MOST_THREADS = 2000;

	/**
	 * Processor time in the kernel's files is counted in hundredths of a second.
	 */
	private static final long TICK_MILLIS = 10;

	private static final Set<String> STATUS = Set.of("Name", "State", "PPid", "Threads", "VmPeak", "VmSize", "VmHWM",
			"VmRSS", "RssAnon", "VmSwap", "SigPnd", "ShdPnd", "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches");

	/**
	 * Names of the JVM's own threads, cut by the kernel after 15 characters. The serial
	 * collector runs in the VM thread.
	 */
	private static final Pattern COLLECTOR = Pattern
		.compile("GC Thread.*|G1 .*|Z(Worker|Driver|Director).*|Shenandoah.*|VM Thread");

	private final Path proc;

	/**
	 * Create the view.
	 * @param proc where the kernel shows processes
	 */
	ProcessView(Path proc) {
		this.proc = proc;
	}

	/**
	 * Return whether there is such a process.
	 */
	boolean isThere(long pid) {
		return Files.isDirectory(this.proc.resolve(Long.toString(pid)));
	}

	/**
	 * Take a first sample of a process. A second one shows what it does.
	 * @param pid its id
	 * @return the first sample
	 * @throws IOException if there is no such process
	 */
	Sample sample(long pid) throws IOException {
		Path process = this.proc.resolve(Long.toString(pid));
		return new Sample(process, status(process), tasks(process), System.nanoTime());
	}

	private static String status(Path process) throws IOException {
		StringBuilder text = new StringBuilder();
		for (String line : Files.readAllLines(process.resolve("status"))) {
			if (STATUS.contains(line.split(":", 2)[0])) {
				text.append(line).append('\n');
				if (line.startsWith("State:") && line.contains("T (stopped)")) {
					text.append("        It was stopped by a signal (SIGSTOP, SIGTSTP): nothing in it runs.\n");
				}
			}
		}
		return text.toString();
	}

	/**
	 * A first sample of a process.
	 *
	 * @param process its directory
	 * @param status its status
	 * @param tasks its threads
	 * @param at its time, a reading of {@link System#nanoTime()}
	 */
	record Sample(Path process, String status, Map<String, Task> tasks, long at) {

		Duration age() {
			return Duration.ofNanos(System.nanoTime() - this.at);
		}

		/**
		 * Take a second sample, and describe the process.
		 * @return the description, in lines
		 * @throws IOException if the process has ended
		 */
		String describe() throws IOException {
			StringBuilder text = new StringBuilder(this.status);
			Map<String, Task> now = ProcessView.tasks(this.process);
			appendTasks(text, this.tasks, now, Math.max(1, age().toMillis()));
			return text.toString();
		}

	}

	private static void appendTasks(StringBuilder text, Map<String, Task> before, Map<String, Task> after,
			long millis) {
		Map<String, Long> percent = new LinkedHashMap<>();
		after.forEach((id, task) -> {
			Task earlier = before.get(id);
			long ticks = (earlier != null) ? task.ticks() - earlier.ticks() : 0;
			percent.put(id, 100 * ticks * TICK_MILLIS / millis);
		});
		text.append("\nProcessor time over ").append(millis).append(" ms, in percent of one processor: all threads ");
		text.append(percent.values().stream().mapToLong(Long::longValue).sum()).append(" %, garbage collector ");
		text.append(after.entrySet()
			.stream()
			.filter((entry) -> COLLECTOR.matcher(entry.getValue().name()).matches())
			.mapToLong((entry) -> percent.getOrDefault(entry.getKey(), 0L))
			.sum()).append(" %\n\n");
		text.append("    now     total  state  waits in                  thread\n");
		Comparator<Map.Entry<String, Task>> busiest = Comparator
			.comparing((entry) -> percent.getOrDefault(entry.getKey(), 0L));
		List<Map.Entry<String, Task>> sorted = after.entrySet()
			.stream()
			.sorted(busiest.thenComparing((entry) -> entry.getValue().ticks()).reversed())
			.toList();
		for (Map.Entry<String, Task> entry : sorted) {
			Task task = entry.getValue();
			text.append("%5d %% %7.2f s  %-5s  %-24s  %s (tid %s)%n".formatted(percent.getOrDefault(entry.getKey(), 0L),
					task.ticks() * TICK_MILLIS / 1000.0, task.state(), task.waitsIn(), task.name(), entry.getKey()));
		}
	}

	private static Map<String, Task> tasks(Path process) throws IOException {
		Map<String, Task> tasks = new LinkedHashMap<>();
		try (DirectoryStream<Path> directories = Files.newDirectoryStream(process.resolve("task"))) {
			for (Path directory : directories) {
				Task task = Task.read(directory);
				if (task != null) {
					tasks.put(directory.getFileName().toString(), task);
				}
				if (tasks.size() == MOST_THREADS) {
					break;
				}
			}
		}
		catch (DirectoryIteratorException ex) {
			throw ex.getCause();
		}
		return tasks;
	}

	/**
	 * A thread as the kernel shows it.
	 *
	 * @param name its name, of at most 15 characters
	 * @param state its state, as a letter of {@code ps}
	 * @param ticks its processor time
	 * @param waitsIn the kernel function in which it sleeps, if this process may see it
	 */
	record Task(String name, String state, long ticks, String waitsIn) {

		static @Nullable Task read(Path directory) {
			try {
				String stat = Files.readString(directory.resolve("stat"));
				int nameEnd = stat.lastIndexOf(')');
				String name = stat.substring(stat.indexOf('(') + 1, nameEnd);
				String[] fields = stat.substring(nameEnd + 2).split(" ");
				long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
				return new Task(name, fields[0], ticks, waitChannel(directory));
			}
			catch (IOException | RuntimeException ex) {
				// It has ended
				return null;
			}
		}

		private static String waitChannel(Path directory) {
			try {
				String channel = Files.readString(directory.resolve("wchan")).strip();
				return (channel.isEmpty() || channel.equals("0")) ? "-" : channel;
			}
			catch (IOException ex) {
				return "-";
			}
		}

	}

}
