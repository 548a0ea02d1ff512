package dev.tomcorn.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

import dev.tomcorn.core.scoreboard.WorkerState;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WorkerProcess}.
 */
class WorkerProcessTests {

	private static final int ROUNDS = 20_000;

	private static final long LIMIT_SECONDS = 60;

	/**
	 * So long that a stalled output ends no test.
	 */
	private static final Duration LONG = Duration.ofDays(1);

	@Test
	void workerThatDrainsWhileItBecomesReadyDrains() throws Exception {
		WorkerProcess process = WorkerProcess.solo(Duration.ZERO);
		CyclicBarrier barrier = new CyclicBarrier(2);
		Thread draining = Thread.ofPlatform().start(() -> {
			for (int round = 0; round < ROUNDS; round++) {
				await(barrier);
				process.draining();
				await(barrier);
			}
		});
		int lost = 0;
		for (int round = 0; round < ROUNDS; round++) {
			process.slot().setState(WorkerState.STARTING);
			await(barrier);
			process.ready(() -> {
			});
			await(barrier);
			lost += (process.slot().state() != WorkerState.DRAINING) ? 1 : 0;
		}
		draining.join();
		assertThat(lost).as("rounds after which it did not drain").isZero();
	}

	@Test
	void listenerIsToldOnceTheWorkerDrains() {
		WorkerProcess process = WorkerProcess.solo(Duration.ZERO);
		List<Boolean> ending = new ArrayList<>();
		process.whenEnding(() -> ending.add(process.isEnding()));
		process.draining();
		assertThat(ending).containsExactly(true);
	}

	@Test
	void listenerIsToldOnceTheEndHasBegun() {
		List<Integer> exits = new ArrayList<>();
		WorkerProcess process = WorkerProcess.solo(LONG, exits::add);
		List<String> told = new ArrayList<>();
		process.whenEnding(() -> told.add(process.isEnding() + " in " + process.slot().state()));
		process.terminated();
		assertThat(told).containsExactly("true in STARTING");
		assertThat(exits).containsExactly(143);
	}

	@Test
	void listenerThatFailsDoesNotStopTheEnd() {
		List<Integer> exits = new ArrayList<>();
		WorkerProcess process = WorkerProcess.solo(LONG, exits::add);
		process.whenEnding(() -> {
			throw new OutOfMemoryError("no native thread");
		});
		process.terminated();
		assertThat(exits).containsExactly(143);
	}

	@Test
	void failureAfterMainIsTold() throws Exception {
		CompletableFuture<Throwable> failure = new CompletableFuture<>();
		RuntimeException cause = new IllegalStateException("the scoreboard is gone");
		Readiness.afterMain(Thread.ofPlatform().start(() -> {
		}), () -> {
			throw cause;
		}, failure::complete);
		assertThat(failure.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isSameAs(cause);
	}

	private static void await(CyclicBarrier barrier) {
		try {
			barrier.await();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
