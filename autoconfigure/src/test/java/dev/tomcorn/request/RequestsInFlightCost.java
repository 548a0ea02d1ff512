package dev.tomcorn.request;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.scoreboard.WorkerRecords;

/**
 * Measures the cost of the registry and the figures for a request: its queuing, its start
 * and its end. Not a test; run it by hand.
 */
final class RequestsInFlightCost {

	private static final PrintStream OUT = System.out;

	private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

	private static final Runnable NOTHING = () -> {
	};

	private static final int ROUNDS = 8;

	private static final int REQUESTS = 5_000_000;

	private RequestsInFlightCost() {
	}

	public static void main(String[] args) throws IOException {
		WorkerRecords records = WorkerRecords.create(Files.createTempDirectory("cost").resolve("records"), 1);
		for (int threads : new int[] { 1, 2 }) {
			for (int round = 0; round < ROUNDS; round++) {
				RequestsInFlight requests = new RequestsInFlight();
				RequestFigures figures = requests.figures();
				records.claim(0, round);
				RequestsInFlight recorded = new RequestsInFlight(records.of(0, round),
						new ApplicationFrames(List.of()));
				OUT.printf(
						"%d thread(s): %.1f ns of processor time for the figures, %.1f with the registry, %.1f in a fleet%n",
						threads, measure(threads, requests, () -> {
							long waited = figures.takeWait(0);
							figures.ended(waited, System.nanoTime() & 0xffffff, 0);
						}), measure(threads, requests, () -> requests.begin("GET", "/hello", "").end()),
						measure(threads, recorded, () -> recorded.begin("GET", "/hello", "").end()));
			}
		}
	}

	/**
	 * Measures processor time, since the machine may be busy.
	 */
	private static double measure(int threads, RequestsInFlight requests, Runnable request) {
		RequestFigures figures = requests.figures();
		// With more requests, the record would have no free row
		for (int i = 0; i < 60; i++) {
			requests.begin("GET", "/standing", "");
		}
		AtomicLong processorTime = new AtomicLong();
		try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
			for (int thread = 0; thread < threads; thread++) {
				executor.execute(() -> {
					long start = THREADS.getCurrentThreadCpuTime();
					for (int i = 0; i < REQUESTS; i++) {
						figures.queued(request, NOTHING).run();
					}
					processorTime.addAndGet(THREADS.getCurrentThreadCpuTime() - start);
				});
			}
		}
		return (double) processorTime.get() / threads / REQUESTS;
	}

}
