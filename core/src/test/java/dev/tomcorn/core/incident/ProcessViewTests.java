package dev.tomcorn.core.incident;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.tomcorn.core.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

@Execution(ExecutionMode.CONCURRENT)
class ProcessViewTests {

	private static final Duration LOOK = Duration.ofMillis(200);

	private final ProcessView view = new ProcessView(Path.of("/proc"));

	@Test
	void frozenProcessIsDescribedAsStopped() throws Exception {
		Process child = ChildJvm.builder(Spinning.class).start();
		try {
			assertThat(child.inputReader().readLine()).isEqualTo("spinning");
			signal("-STOP", child.pid());
			// A process that is just ending cannot be read
			await().ignoreExceptionsInstanceOf(IOException.class).until(() -> isStopped(child.pid()));
			String description = describe(this.view, child.pid());
			assertThat(description).contains("State:\tT (stopped)", "It was stopped by a signal", "VmRSS:", "VmSwap:",
					"all threads 0 %", "busy one (tid");
			System.out.println(description.lines().limit(24).reduce("", (text, line) -> text + "\n" + line));
		}
		finally {
			ChildJvm.end(child);
		}
	}

	@Test
	void busiestThreadComesFirst() throws Exception {
		Process child = ChildJvm.builder(Spinning.class).start();
		try {
			assertThat(child.inputReader().readLine()).isEqualTo("spinning");
			// Two processors and many tests: it may not get to run in every sample
			await().untilAsserted(() -> {
				List<String> threads = describe(this.view, child.pid()).lines()
					.dropWhile((line) -> !line.endsWith(" thread"))
					.skip(1)
					.toList();
				assertThat(threads.getFirst()).contains(" R ", "busy one (tid");
			});
		}
		finally {
			ChildJvm.end(child);
		}
	}

	@Test
	void collectorThatTakesAllProcessorTimeShows() throws Exception {
		List<String> command = new ArrayList<>(ChildJvm.command(Collecting.class));
		command.addAll(1, List.of("-XX:+UseParallelGC", "-Xmx16m"));
		Process child = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		try {
			assertThat(child.inputReader().readLine()).isEqualTo("collecting");
			await().untilAsserted(
					() -> assertThat(describe(this.view, child.pid())).containsPattern("garbage collector [1-9]\\d+ %")
						.contains("GC Thread#0 (tid"));
		}
		finally {
			ChildJvm.end(child);
		}
	}

	@Test
	void processThatIsNotThereIsAFailure() {
		long nobody = 1L << 40;
		assertThat(this.view.isThere(nobody)).isFalse();
		assertThat(this.view.isThere(ProcessHandle.current().pid())).isTrue();
		assertThatIOException().isThrownBy(() -> this.view.sample(nobody));
	}

	@Test
	void threadNamesMayHoldAnything(@TempDir Path proc) throws Exception {
		Path task = Files.createDirectories(proc.resolve("1/task/7"));
		Files.writeString(proc.resolve("1/status"), "Name:\tjava\nState:\tS (sleeping)\nSecret:\t1\n");
		Files.writeString(task.resolve("stat"),
				"7 (a) R (b ) S 1 1 1 0 -1 0 0 0 0 0 250 150 0 0 20 0 1 0 100 0 0 0 0 0 0 0 0\n");
		Files.writeString(task.resolve("wchan"), "io_schedule");
		Path ended = Files.createDirectories(proc.resolve("1/task/8"));
		Files.writeString(ended.resolve("stat"), "");
		assertThat(describe(new ProcessView(proc), 1)).contains("4.00 s  S      io_schedule", "a) R (b  (tid 7)")
			.doesNotContain("Secret", "tid 8");
	}

	private static String describe(ProcessView view, long pid) throws Exception {
		ProcessView.Sample sample = view.sample(pid);
		Thread.sleep(LOOK);
		return sample.describe();
	}

	/**
	 * A thread that waits for a processor stops once it gets one.
	 */
	private static boolean isStopped(long pid) throws IOException {
		try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
			for (Path task : tasks) {
				if (!Files.readString(task.resolve("stat")).contains(") T ")) {
					return false;
				}
			}
			return true;
		}
	}

	private static void signal(String name, long pid) throws Exception {
		assertThat(new ProcessBuilder("kill", name, Long.toString(pid)).inheritIO().start().waitFor()).isZero();
	}

	/**
	 * Runs a thread that never waits.
	 */
	static final class Spinning {

		private Spinning() {
		}

		public static void main(String[] arguments) throws Exception {
			Thread.ofPlatform().name("busy one").start(() -> {
				// The kernel knows its name only from now on
				System.out.println("spinning");
				while (true) {
					Thread.onSpinWait();
				}
			});
		}

	}

	/**
	 * Collects garbage without end.
	 */
	static final class Collecting {

		private Collecting() {
		}

		public static void main(String[] arguments) {
			System.out.println("collecting");
			while (true) {
				System.gc();
			}
		}

	}

}
