package dev.tomcorn.request;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerRecords;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Cost of the figures for each request. Start it by hand: see the module's README.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RequestCost {

	private static final Runnable NOTHING = () -> {
	};

	private final RequestsInFlight requests = new RequestsInFlight();

	private final RequestFigures figures = this.requests.figures();

	private final RequestsInFlight recordedRequests = new RequestsInFlight(claimRecord(),
			new ApplicationFrames(List.of()));

	private final RequestFigures recordedFigures = this.recordedRequests.figures();

	private final Runnable recorded = this::record;

	private final Runnable measured = this::measure;

	private final Runnable registered = this::register;

	/**
	 * Everything that the figures add to a request: passing it to a thread, the wait for
	 * that, two more readings of the clock, sums, longest times and the class of latency.
	 */
	@Benchmark
	@Threads(1)
	public void figuresOneThread() {
		this.figures.queued(this.measured, NOTHING).run();
	}

	@Benchmark
	@Threads(2)
	public void figuresTwoThreads() {
		this.figures.queued(this.measured, NOTHING).run();
	}

	private void measure() {
		// The registry reads the clock anyway
		long began = 0;
		long waited = this.figures.takeWait(began);
		this.figures.ended(waited, System.nanoTime() & 0xffffff, 0);
	}

	/**
	 * All of it: the registry of requests in flight, and their figures.
	 */
	@Benchmark
	@Threads(1)
	public void wholeOneThread() {
		this.figures.queued(this.registered, NOTHING).run();
	}

	@Benchmark
	@Threads(2)
	public void wholeTwoThreads() {
		this.figures.queued(this.registered, NOTHING).run();
	}

	private void register() {
		this.requests.begin("GET", "/hello", "").end();
	}

	/**
	 * The same in a fleet, where the request is also written into shared memory.
	 */
	@Benchmark
	@Threads(1)
	public void recordedOneThread() {
		this.recordedFigures.queued(this.recorded, NOTHING).run();
	}

	@Benchmark
	@Threads(2)
	public void recordedTwoThreads() {
		this.recordedFigures.queued(this.recorded, NOTHING).run();
	}

	private void record() {
		this.recordedRequests.begin("GET", "/hello", "").end();
	}

	private static WorkerRecord claimRecord() {
		try {
			WorkerRecords records = WorkerRecords.create(Files.createTempDirectory("cost").resolve("records"), 1);
			records.claim(0, 1);
			return Objects.requireNonNull(records.of(0, 1));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * One virtual thread for each request, for comparison with the next.
	 */
	@Benchmark
	@Threads(1)
	public void virtualThreadOnly() throws InterruptedException {
		Thread.startVirtualThread(NOTHING).join();
	}

	@Benchmark
	@Threads(1)
	public void virtualThreadWithFigures() throws InterruptedException {
		Thread.startVirtualThread(this.figures.queued(this.measured, NOTHING)).join();
	}

	/**
	 * Run the benchmarks.
	 * @param args options of JMH
	 * @throws RunnerException if a benchmark fails
	 * @throws CommandLineOptionException if an option is invalid
	 */
	public static void main(String[] args) throws RunnerException, CommandLineOptionException {
		new Runner(
				new OptionsBuilder().parent(new CommandLineOptions(args)).include(RequestCost.class.getName()).build())
			.run();
	}

}
