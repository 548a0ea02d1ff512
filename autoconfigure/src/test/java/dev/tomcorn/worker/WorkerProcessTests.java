package dev.tomcorn.worker;

import java.time.Duration;
import java.util.concurrent.CyclicBarrier;

import dev.tomcorn.core.scoreboard.WorkerState;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WorkerProcess}.
 */
class WorkerProcessTests {

	private static final int ROUNDS = 20_000;

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

	private static void await(CyclicBarrier barrier) {
		try {
			barrier.await();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
