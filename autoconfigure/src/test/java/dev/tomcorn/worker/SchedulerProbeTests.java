package dev.tomcorn.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

@Isolated("No virtual thread runs meanwhile")
class SchedulerProbeTests {

	private final AtomicLong now = new AtomicLong(-1_000_000_000);

	private final AtomicLong handled = new AtomicLong();

	private final List<Runnable> started = new ArrayList<>();

	private final SchedulerProbe probe = new SchedulerProbe(this.started::add, this.now::get, this.handled::get);

	private boolean stuckAfter(Duration time) {
		boolean stuck = false;
		for (long passed = 0; passed < time.toMillis(); passed += 250) {
			this.now.addAndGet(Duration.ofMillis(250).toNanos());
			stuck = this.probe.stuck();
		}
		return stuck;
	}

	@Test
	void probeThatRunsIsFollowedByAnother() {
		for (int round = 1; round <= 20; round++) {
			assertThat(stuckAfter(Duration.ofMillis(250))).isFalse();
			assertThat(this.started).hasSize(round);
			this.started.getLast().run();
		}
	}

	@Test
	void probeThatDoesNotRunIsTheOnlyOne() {
		stuckAfter(Duration.ofSeconds(60));
		assertThat(this.started).hasSize(1);
	}

	@Test
	void schedulerIsStuckOnceAProbeHasNotRunForTheLimit() {
		assertThat(stuckAfter(Duration.ofMillis(250).plus(SchedulerProbe.LIMIT))).isFalse();
		assertThat(stuckAfter(Duration.ofMillis(250))).isTrue();
		assertThat(stuckAfter(Duration.ofSeconds(30))).isTrue();
		this.started.getLast().run();
		assertThat(stuckAfter(Duration.ofMillis(250))).isFalse();
		assertThat(stuckAfter(Duration.ofSeconds(1))).isFalse();
	}

	@Test
	void schedulerThatHasTooMuchToDoIsNotStuckWhileRequestsEnd() {
		for (int round = 0; round < 20; round++) {
			assertThat(stuckAfter(Duration.ofMillis(1500))).isFalse();
			this.handled.incrementAndGet();
		}
		assertThat(this.started).hasSize(1);
		assertThat(stuckAfter(Duration.ofMillis(2500))).isTrue();
	}

	@Test
	void probeThatCouldNotBeStartedIsTriedAgain() {
		AtomicBoolean refuse = new AtomicBoolean(true);
		SchedulerProbe refused = new SchedulerProbe((task) -> {
			if (refuse.get()) {
				throw new RejectedExecutionException();
			}
			task.run();
		}, this.now::get, this.handled::get);
		assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(refused::stuck);
		refuse.set(false);
		for (int round = 0; round < 20; round++) {
			this.now.addAndGet(Duration.ofSeconds(1).toNanos());
			assertThat(refused.stuck()).isFalse();
		}
	}

	@Test
	void carriersThatComputeKeepEveryOtherVirtualThreadFromRunning() throws InterruptedException {
		SchedulerProbe real = new SchedulerProbe(Thread::startVirtualThread, System::nanoTime, () -> 0);
		assertThat(real.stuck()).isFalse();
		AtomicBoolean hog = new AtomicBoolean(true);
		List<Thread> hogs = new ArrayList<>();
		try {
			for (int carrier = 0; carrier < Runtime.getRuntime().availableProcessors(); carrier++) {
				hogs.add(Thread.startVirtualThread(() -> {
					while (hog.get()) {
						Thread.onSpinWait();
					}
				}));
			}
			await().until(real::stuck);
		}
		finally {
			hog.set(false);
		}
		await().until(() -> !real.stuck());
		for (Thread thread : hogs) {
			thread.join();
		}
	}

}
