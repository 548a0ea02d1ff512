package dev.tomcorn.worker;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures what the registry costs a request: its beginning and its end. No test; started
 * by hand.
 */
final class RequestsInFlightCost {

	private static final PrintStream OUT = System.out;

	private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

	private static final int ROUNDS = 8;

	private static final int REQUESTS = 5_000_000;

	private RequestsInFlightCost() {
	}

	public static void main(String[] args) {
		for (int threads : new int[] { 1, 2 }) {
			for (int round = 0; round < ROUNDS; round++) {
				OUT.printf("%d thread(s): %.1f ns of processor time a request%n", threads, measure(threads));
			}
		}
	}

	/**
	 * In processor time, since the machine may do much else.
	 */
	private static double measure(int threads) {
		RequestsInFlight requests = new RequestsInFlight();
		for (int i = 0; i < 200; i++) {
			requests.begin("GET", "/standing", "");
		}
		AtomicLong processorTime = new AtomicLong();
		try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
			for (int thread = 0; thread < threads; thread++) {
				executor.execute(() -> {
					long start = THREADS.getCurrentThreadCpuTime();
					for (int i = 0; i < REQUESTS; i++) {
						requests.begin("GET", "/hello", "").end();
					}
					processorTime.addAndGet(THREADS.getCurrentThreadCpuTime() - start);
				});
			}
		}
		return (double) processorTime.get() / threads / REQUESTS;
	}

}
