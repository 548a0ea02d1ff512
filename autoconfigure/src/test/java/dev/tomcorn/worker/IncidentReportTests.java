package dev.tomcorn.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import dev.tomcorn.core.incident.IncidentSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Isolated("No virtual thread runs meanwhile")
class IncidentReportTests {

	@TempDir
	private Path folder;

	private final CountDownLatch end = new CountDownLatch(1);

	@AfterEach
	void end() {
		this.end.countDown();
	}

	private static IncidentSettings settings(long maxSize, boolean heapDump, boolean flightRecording) {
		return new IncidentSettings(null, 20, maxSize, heapDump, flightRecording);
	}

	private void write(IncidentSettings settings) {
		IncidentReport.of(settings, () -> List.of("GET /a 12 ms", "POST /b 40000 ms")).write(this.folder);
	}

	@Test
	void platformAndVirtualThreadsAreWrittenWithWhatTheyWaitFor() throws Exception {
		ReentrantLock lock = new ReentrantLock();
		lock.lock();
		Thread waiting = Thread.ofPlatform().name("waits for a lock").start(() -> {
			lock.lock();
			lock.unlock();
		});
		Thread virtual = Thread.ofVirtual().name("virtual one").start(this::awaitEnd);
		try {
			await().until(() -> lock.hasQueuedThread(waiting) && waiting.getState() == Thread.State.WAITING
					&& virtual.getState() == Thread.State.WAITING);
			write(settings(1 << 20, false, false));
		}
		finally {
			lock.unlock();
		}
		assertThat(this.folder.resolve("threads.txt")).content()
			.contains("\"virtual one\" virtual WAITING", "IncidentReportTests.awaitEnd",
					"- parking to wait for <java.util.concurrent.locks.ReentrantLock")
			.containsPattern("\"waits for a lock\" waits for <java.util.concurrent.locks.ReentrantLock.* of #\\d+ \"")
			.contains("No deadlock among platform threads");
		assertThat(waiting.join(Duration.ofMinutes(2))).isTrue();
	}

	@Test
	void memoryAndRequestsAreWritten() {
		write(settings(1 << 20, false, false));
		assertThat(this.folder.resolve("requests.txt")).hasContent("GET /a 12 ms\nPOST /b 40000 ms");
		assertThat(this.folder.resolve("memory.txt")).content()
			.contains("uptime: PT", "heap: ", "Metaspace: ", "after its last collection: ", "% of the uptime",
					"direct: ", "classes: ", "VmRSS:");
		assertThat(this.folder.toFile().list()).containsExactlyInAnyOrder("requests.txt", "memory.txt", "threads.txt");
	}

	@Test
	void fileThatFailsDoesNotStopTheOthers() throws IOException {
		Files.createDirectory(this.folder.resolve("threads.txt"));
		IncidentReport.of(settings(1 << 30, false, false), () -> {
			throw new OutOfMemoryError("for the test");
		}).write(this.folder);
		assertThat(this.folder.resolve("requests.txt.failed.txt")).content().contains("OutOfMemoryError: for the test");
		assertThat(this.folder.resolve("threads.txt.failed.txt")).exists();
		assertThat(this.folder.resolve("memory.txt")).exists();
	}

	@Test
	void folderThatIsMissingIsNoFailure() {
		IncidentReport.of(settings(1 << 30, true, false), List::of).write(this.folder.resolve("missing"));
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void heapDumpIsWrittenWhereItIsWanted() {
		write(settings(Long.MAX_VALUE, true, false));
		assertThat(this.folder.resolve("heap.hprof")).isNotEmptyFile();
	}

	@Test
	void heapDumpLargerThanAllIncidentsIsNotBegun() {
		write(settings(1, true, false));
		assertThat(this.folder.resolve("heap.hprof")).doesNotExist();
		assertThat(this.folder.resolve("heap.hprof.failed.txt")).content().contains("larger than all incidents");
	}

	@Test
	void flightRecordingIsWrittenWhereItIsWanted() throws IOException {
		write(settings(1 << 20, false, true));
		assertThat(Files.readString(this.folder.resolve("recording.jfr"), StandardCharsets.ISO_8859_1))
			.startsWith("FLR");
	}

	@Test
	void itIsWrittenWhileNoVirtualThreadRuns() throws Exception {
		Process child = child(
				List.of("-Djdk.virtualThreadScheduler.parallelism=1", "-Djdk.virtualThreadScheduler.maxPoolSize=1"),
				Pinned.class);
		try {
			assertThat(child.waitFor(2, TimeUnit.MINUTES)).isTrue();
			assertThat(child.exitValue()).isZero();
			assertThat(this.folder.resolve("threads.txt")).content()
				.contains("\"pins the carrier\" virtual RUNNABLE", "\"never ran\" virtual");
			assertThat(this.folder.resolve("memory.txt")).exists();
		}
		finally {
			child.destroyForcibly();
		}
	}

	@Test
	void runtimeWithoutFlightRecorderWarnsOnce() throws Exception {
		Process child = child(List.of("--limit-modules", "java.base,java.management,jdk.management,java.logging"),
				Recording.class);
		try {
			assertThat(child.waitFor(2, TimeUnit.MINUTES)).isTrue();
			String output = Files.readString(this.folder.resolve("out"));
			assertThat(output).containsOnlyOnce("No flight recording in incidents");
			assertThat(this.folder.toFile().list()).contains("threads.txt").doesNotContain("recording.jfr");
		}
		finally {
			child.destroyForcibly();
		}
	}

	private Process child(List<String> options, Class<?> main) throws IOException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1"));
		command.addAll(options);
		command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName(), this.folder.toString()));
		return new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(this.folder.resolve("out").toFile())
			.start();
	}

	private void awaitEnd() {
		try {
			this.end.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Writes its report while its only carrier is pinned.
	 */
	static final class Pinned {

		private Pinned() {
		}

		public static void main(String[] arguments) throws Exception {
			CountDownLatch pinned = new CountDownLatch(1);
			Thread.ofVirtual().name("pins the carrier").start(() -> {
				pinned.countDown();
				while (true) {
					Thread.onSpinWait();
				}
			});
			pinned.await();
			Thread.ofVirtual().name("never ran").start(() -> {
			});
			IncidentReport.of(settings(1 << 20, false, false), List::of).write(Path.of(arguments[0]));
			Runtime.getRuntime().halt(0);
		}

	}

	/**
	 * Writes its report with a flight recording.
	 */
	static final class Recording {

		private Recording() {
		}

		public static void main(String[] arguments) {
			IncidentReport report = IncidentReport.of(settings(1 << 20, false, true), List::of);
			report.write(Path.of(arguments[0]));
			report.write(Path.of(arguments[0]));
			Runtime.getRuntime().halt(0);
		}

	}

}
