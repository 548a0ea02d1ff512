package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.tomcorn.core.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sun.misc.Signal;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WorkerSignals}: signals for the arbiter that also reach a worker from
 * its start.
 */
class WorkerSignalsTests {

	private static final List<String> SIGNALS = List.of("USR1", "TTIN", "TTOU");

	private static final long LIMIT_SECONDS = 60;

	private static final String STATUS = "grep -E '^Sig(Blk|Ign):' /proc/self/status";

	@Test
	void workerOutlivesThemAndItsOwnChildrenInheritNothingOfThat(@TempDir Path directory) throws Exception {
		Path output = directory.resolve("output");
		List<String> words = new ArrayList<>(
				List.of("sh", "-c", "output=$1; shift; exec \"$@\" > \"$output\"", "sh", output.toString()));
		words.addAll(ChildJvm.command(Worker.class));
		ChildProcess worker = ChildProcess.start(ProcessWords.of(words), new ChildEnvironment(), null,
				WorkerSignals.BLOCKED);
		// Blocked, they wait until the worker can handle them
		SIGNALS.forEach((name) -> PosixSpawn.kill((int) worker.pid(), new Signal(name).getNumber()));
		try {
			assertThat(worker.onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS).exitValue()).isZero();
		}
		finally {
			worker.destroyForcibly();
		}
		List<String> lines = Files.readAllLines(output);
		long blocked = Long.parseUnsignedLong(lines.getFirst(), 16);
		assertThat(blocked & WorkerSignals.BLOCKED).as("blocked by the thread that runs").isZero();
		assertThat(lines.subList(1, lines.size())).as("a child of the worker").isEqualTo(statusOfAChild());
	}

	private static List<String> statusOfAChild() throws IOException {
		try (var lines = new ProcessBuilder("sh", "-c", STATUS).start().inputReader().lines()) {
			return lines.toList();
		}
	}

	/**
	 * A worker whose application handles one of the signals. It gets the signals again,
	 * and prints the signals that it and a child block.
	 */
	static final class Worker {

		private Worker() {
		}

		public static void main(String[] arguments) throws Exception {
			CountDownLatch heeded = new CountDownLatch(1);
			Signal.handle(new Signal("TTOU"), (signal) -> heeded.countDown());
			OperatingSystemSignals.leaveToArbiter();
			WorkerSignals.unblock();
			SIGNALS.forEach((name) -> Signal.raise(new Signal(name)));
			// The application still handles its own signal
			heeded.await();
			try (var lines = Files.lines(Path.of("/proc/thread-self/status"))) {
				lines.filter((line) -> line.startsWith("SigBlk:"))
					.forEach((line) -> System.out.println(line.substring("SigBlk:".length()).trim()));
			}
			System.out.flush();
			System.exit(new ProcessBuilder("sh", "-c", STATUS).inheritIO().start().waitFor());
		}

	}

}
