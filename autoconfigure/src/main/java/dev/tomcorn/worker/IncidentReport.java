package dev.tomcorn.worker;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.lang.management.ThreadInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.tomcorn.core.incident.IncidentSettings;
import org.jspecify.annotations.Nullable;

/**
 * Diagnostics that a worker writes before it is killed: requests in flight, threads,
 * memory, optionally a flight recording and a heap dump. Needs no virtual thread and no
 * thread of the application. If one file fails, the others are still written.
 */
final class IncidentReport {

	private static final long MEGABYTE = 1024 * 1024;

	private final IncidentSettings settings;

	private final Supplier<List<String>> requestsInFlight;

	private final @Nullable FlightRecording recording;

	private IncidentReport(IncidentSettings settings, Supplier<List<String>> requestsInFlight,
			@Nullable FlightRecording recording) {
		this.settings = settings;
		this.requestsInFlight = requestsInFlight;
		this.recording = recording;
	}

	/**
	 * Return the report of this JVM, and start its flight recording if one is wanted.
	 * @param settings the contents of the report
	 * @param requestsInFlight describes the requests in flight, each in a line; called
	 * when the report is written
	 * @return the report
	 */
	static IncidentReport of(IncidentSettings settings, Supplier<List<String>> requestsInFlight) {
		boolean wanted = settings.flightRecording() && settings.maxCount() > 0;
		return new IncidentReport(settings, requestsInFlight, wanted ? FlightRecording.startIfPossible() : null);
	}

	/**
	 * Write everything into a folder in another thread, because a heap dump is slow and
	 * the next message of the arbiter may be urgent.
	 * @param folder an existing folder
	 * @param done called at the end
	 */
	void writeInBackground(Path folder, Runnable done) {
		Runnable dump = () -> {
			write(folder);
			done.run();
		};
		try {
			Thread.ofPlatform().daemon().name("tomcorn-dump").start(dump);
		}
		catch (OutOfMemoryError ex) {
			// No thread can start, which may be the very reason for the dump
			dump.run();
		}
	}

	/**
	 * Write everything into a folder, the cheap and most informative files first. Never
	 * throws.
	 * @param folder an existing folder
	 */
	void write(Path folder) {
		Path target = folder.toAbsolutePath();
		attempt(target, "requests.txt", (file) -> Files.write(file, this.requestsInFlight.get()));
		attempt(target, "threads.txt", IncidentReport::writeThreads);
		attempt(target, "memory.txt", (file) -> Files.writeString(file, memory()));
		FlightRecording currentRecording = this.recording;
		if (currentRecording != null) {
			attempt(target, "recording.jfr", currentRecording::dump);
		}
		if (this.settings.heapDump()) {
			attempt(target, "heap.hprof", this::writeHeap);
		}
	}

	private static void attempt(Path folder, String name, Part part) {
		Path file = folder.resolve(name);
		try {
			part.write(file);
		}
		catch (Throwable ex) {
			// Errors too, since the worker may be out of memory. Nothing is logged,
			// since the worker may hang in its log
			try {
				Files.writeString(folder.resolve(name + ".failed.txt"), ex + "\n");
			}
			catch (Throwable again) {
				// The next file may succeed
			}
		}
	}

	/**
	 * Writes one file.
	 */
	@FunctionalInterface
	private interface Part {

		void write(Path file) throws Exception;

	}

	/**
	 * Write all threads, virtual ones included, with the locks they hold and wait for.
	 * Then write the owners of the locks that threads wait for, which are known for
	 * platform threads only.
	 */
	static void writeThreads(Path file) throws Exception {
		Dumps.threads(file);
		Files.writeString(file, "\n" + lockOwners(), StandardOpenOption.APPEND);
	}

	private static String lockOwners() {
		var threads = ManagementFactory.getThreadMXBean();
		StringBuilder text = new StringBuilder("Platform threads that wait for another\n");
		for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
			LockInfo lock = (thread != null) ? thread.getLockInfo() : null;
			if (thread != null && lock != null && thread.getLockOwnerId() >= 0) {
				text.append("#%d \"%s\" waits for <%s> of #%d \"%s\"%n".formatted(thread.getThreadId(),
						thread.getThreadName(), lock, thread.getLockOwnerId(), thread.getLockOwnerName()));
			}
		}
		long[] deadlocked = threads.findDeadlockedThreads();
		text.append((deadlocked != null) ? "DEADLOCK of the platform threads " + Arrays.toString(deadlocked)
				: "No deadlock among platform threads");
		return text.append('\n').toString();
	}

	private static String memory() {
		StringBuilder text = new StringBuilder();
		var runtime = ManagementFactory.getRuntimeMXBean();
		var memory = ManagementFactory.getMemoryMXBean();
		text.append("uptime: ").append(Duration.ofMillis(runtime.getUptime())).append('\n');
		append(text, "heap", memory.getHeapMemoryUsage());
		append(text, "non-heap", memory.getNonHeapMemoryUsage());
		text.append("\nPools\n");
		for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
			append(text, pool.getName(), pool.getUsage());
			append(text, pool.getName() + " after its last collection", pool.getCollectionUsage());
		}
		text.append("\nCollections\n");
		for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
			text.append("%s: %d, %d ms, %.1f %% of the uptime%n".formatted(collector.getName(),
					collector.getCollectionCount(), collector.getCollectionTime(),
					100.0 * collector.getCollectionTime() / Math.max(1, runtime.getUptime())));
		}
		text.append("\nBuffers\n");
		for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
			text.append("%s: %d, %s%n".formatted(pool.getName(), pool.getCount(), megabytes(pool.getMemoryUsed())));
		}
		text.append("\nclasses: ").append(ManagementFactory.getClassLoadingMXBean().getLoadedClassCount()).append('\n');
		text.append("platform threads: ").append(ManagementFactory.getThreadMXBean().getThreadCount()).append('\n');
		appendProcess(text);
		return text.toString();
	}

	private static void appendProcess(StringBuilder text) {
		text.append("\nProcess\n");
		try {
			Files.readAllLines(Path.of("/proc/self/status"))
				.stream()
				.filter((line) -> line.startsWith("Vm") || line.startsWith("Rss") || line.startsWith("Threads"))
				.forEach((line) -> text.append(line).append('\n'));
		}
		catch (IOException ex) {
			text.append("unknown: ").append(ex).append('\n');
		}
	}

	private static void append(StringBuilder text, String name, @Nullable MemoryUsage usage) {
		if (usage != null) {
			text.append("%s: %s used, %s committed, %s at most%n".formatted(name, megabytes(usage.getUsed()),
					megabytes(usage.getCommitted()), (usage.getMax() >= 0) ? megabytes(usage.getMax()) : "no limit"));
		}
	}

	private static String megabytes(long bytes) {
		return "%.1f MB".formatted((double) bytes / MEGABYTE);
	}

	private void writeHeap(Path file) throws IOException {
		long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
		if (used > this.settings.maxSize()) {
			throw new IOException("The heap is larger than all incidents together may be: " + megabytes(used));
		}
		Dumps.heap(file);
	}

	/**
	 * The JVM's own dumps. A class of its own, since a custom runtime may lack them.
	 */
	private static final class Dumps {

		private Dumps() {
		}

		static void threads(Path file) throws IOException {
			diagnostics().dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
		}

		static void heap(Path file) throws IOException {
			// Unreachable objects too, since they may fill the heap
			diagnostics().dumpHeap(file.toString(), false);
		}

		private static HotSpotDiagnosticMXBean diagnostics() {
			return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
		}

	}

}
