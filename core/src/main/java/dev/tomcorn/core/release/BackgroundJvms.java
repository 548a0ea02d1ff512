package dev.tomcorn.core.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.PrintableText;
import dev.tomcorn.core.process.CommandWord;
import dev.tomcorn.core.process.LaunchPlan;

/**
 * Runs JVMs in the background and waits for them. No JVM outlives its limit or the
 * arbiter.
 */
final class BackgroundJvms implements AutoCloseable {

	private final LaunchPlan plan;

	private final Set<Process> running = ConcurrentHashMap.newKeySet();

	private volatile boolean closed;

	BackgroundJvms(LaunchPlan plan) {
		this.plan = plan;
	}

	/**
	 * Run a JVM that a worker's start waits for, with the usual priority.
	 * @param words its options, and the program to run
	 * @param output takes its output
	 * @param limit longest run time
	 * @param what its name in an error message
	 * @throws IOException if it does not end in time and with exit code 0
	 */
	void run(List<CommandWord> words, Path output, Duration limit, String what) throws IOException {
		await(this.plan.launchInBackground(words, output, false), output, limit, what);
	}

	/**
	 * Run a JVM that nothing waits for, with the lowest priority.
	 * @param words its options, and the program to run
	 * @param output takes its output
	 * @param limit longest run time
	 * @param what its name in an error message
	 * @throws IOException if it does not end in time and with exit code 0
	 */
	void runWithLowestPriority(List<CommandWord> words, Path output, Duration limit, String what) throws IOException {
		await(this.plan.launchInBackground(words, output, true), output, limit, what);
	}

	private void await(Process process, Path output, Duration limit, String what) throws IOException {
		this.running.add(process);
		try {
			if (this.closed || !process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
				throw new IOException(what + " has not ended within " + limit.toSeconds() + " s");
			}
			if (process.exitValue() != 0) {
				throw new IOException(
						"%s has ended with exit code %d: %s".formatted(what, process.exitValue(), firstLine(output)));
			}
		}
		catch (InterruptedException ex) {
			throw new IOException(what + " was interrupted", ex);
		}
		finally {
			process.destroyForcibly();
			this.running.remove(process);
		}
	}

	/**
	 * Return the first line of a JVM's output, for the operator.
	 */
	static String firstLine(Path output) {
		try (Stream<String> lines = Files.lines(output)) {
			return lines.filter((line) -> !line.isBlank())
				.findFirst()
				.map(PrintableText::line)
				.orElse("no output")
				.strip();
		}
		catch (IOException | RuntimeException ex) {
			return "no output";
		}
	}

	/**
	 * Return whether the arbiter is ending, so that no further JVM may start.
	 */
	boolean isClosed() {
		return this.closed;
	}

	@Override
	public void close() {
		this.closed = true;
		this.running.forEach(Process::destroyForcibly);
	}

}
