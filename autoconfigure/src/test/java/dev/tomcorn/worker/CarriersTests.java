package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.problem.WorkerFacts;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerFigures;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Isolated("No virtual thread runs meanwhile")
class CarriersTests {

	private static final RecycleLimits NONE = new RecycleLimits(0, 0, Duration.ZERO, 0, 0);

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final VirtualThreadSchedulerMXBean scheduler = ManagementFactory
		.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);

	private static Heartbeat heartbeat(WorkerSlot slot) {
		Heartbeat heartbeat = Heartbeat.of(slot);
		heartbeat.watch(true, new RecycleWatch(NONE, 0, slot, System::nanoTime, (reason) -> {
		}), null, null, null);
		return heartbeat;
	}

	/**
	 * Every carrier is held by a virtual thread that loads a class and waits for an
	 * unmounted one.
	 */
	@Test
	void virtualThreadForWhichTheCarriersWaitRuns() throws Exception {
		int before = this.scheduler.getParallelism();
		WorkerSlot slot = Scoreboard.solo().claim(0, 0, 1, 1);
		Heartbeat heartbeat = heartbeat(slot);
		CountDownLatch loading = new CountDownLatch(before);
		CountDownLatch lock = new CountDownLatch(1);
		ClassLoader loader = new WaitingLoader(loading, lock);
		List<Thread> threads = new ArrayList<>();
		for (int carrier = 0; carrier < before; carrier++) {
			threads.add(Thread.startVirtualThread(() -> load(loader)));
		}
		assertThat(loading.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
		threads.add(Thread.startVirtualThread(lock::countDown));
		try {
			await().atMost(PATIENCE).until(() -> {
				heartbeat.beat();
				return lock.getCount() == 0;
			});
		}
		finally {
			lock.countDown();
		}
		for (Thread thread : threads) {
			thread.join();
		}
		await().atMost(PATIENCE).until(() -> {
			heartbeat.beat();
			return this.scheduler.getParallelism() == before;
		});
		assertThat(slot.trouble()).isEqualTo(Trouble.NONE);
	}

	private static void load(ClassLoader loader) {
		try {
			Class.forName("none.Such", false, loader);
		}
		catch (ClassNotFoundException ex) {
			// Expected
		}
	}

	/**
	 * Native code keeps its carrier, like code that computes. The worker goes on and
	 * reports the holders.
	 */
	@Test
	void whatHoldsTheCarriersIsToldWhileVirtualThreadsRunOnThoseThatAreLent() throws Exception {
		int before = this.scheduler.getParallelism();
		WorkerSlot slot = Scoreboard.solo().claim(0, 0, 1, 1);
		Heartbeat heartbeat = heartbeat(slot);
		AtomicLong now = new AtomicLong();
		CarrierHolders holders = new CarrierHolders(slot, heartbeat::carriersLentFrom, null,
				new ApplicationFrames(List.of("dev.tomcorn.worker")),
				() -> ThreadStacks.take(ThreadStacks.Stack::mounted), now::get);
		AtomicBoolean end = new AtomicBoolean();
		List<Thread> threads = new ArrayList<>();
		CountDownLatch running = holdCarriers(before, end, threads);
		try {
			assertThat(running.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
			await().atMost(PATIENCE).until(() -> {
				heartbeat.beat();
				now.addAndGet(Duration.ofSeconds(5).toNanos());
				slot.setFigures(new WorkerFigures(0, null, null, 0, 0, 0,
						new WorkerFigures.VirtualThreads(0, 0, this.scheduler.getParallelism(), -1), null));
				return holders.sample() != null;
			});
			assertThat(slot.trouble()).as("it serves").isEqualTo(Trouble.NONE);
			WorkerFacts.Carriers found = holders.sample();
			assertThat(found).isNotNull();
			assertThat(found.held()).isEqualTo(before);
			assertThat(found.parallelism()).isEqualTo(before);
			assertThat(found.lent()).isPositive();
			assertThat(found.place()).matches("CarriersTests\\.java:\\d+");
		}
		finally {
			end.set(true);
		}
		for (Thread thread : threads) {
			thread.join();
		}
		await().atMost(PATIENCE).until(() -> {
			heartbeat.beat();
			return holders.sample() == null && this.scheduler.getParallelism() == before;
		});
	}

	/**
	 * Start virtual threads that keep their carriers until the flag is set.
	 * @return a latch that counts the threads that do not run yet
	 */
	private static CountDownLatch holdCarriers(int number, AtomicBoolean end, List<Thread> threads) {
		CountDownLatch running = new CountDownLatch(number);
		for (int carrier = 0; carrier < number; carrier++) {
			threads.add(Thread.startVirtualThread(() -> compute(running, end)));
		}
		return running;
	}

	private static void compute(CountDownLatch running, AtomicBoolean end) {
		running.countDown();
		while (!end.get()) {
			Thread.onSpinWait();
		}
	}

	/**
	 * The scheduler starts a carrier for the first of the virtual threads that one thread
	 * has started, and none for the later ones.
	 */
	@Test
	void carriersThatAreLentStartThoughOthersWaitToRun() throws Exception {
		int before = this.scheduler.getParallelism();
		Carriers carriers = Carriers.ofThisJvm();
		AtomicBoolean end = new AtomicBoolean();
		List<Thread> threads = new ArrayList<>();
		CountDownLatch running = holdCarriers(before, end, threads);
		try {
			assertThat(running.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
			CountDownLatch waiting = new CountDownLatch(before + 2);
			for (int thread = 0; thread < before + 2; thread++) {
				threads.add(Thread.startVirtualThread(waiting::countDown));
			}
			carriers.lend();
			assertThat(waiting.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}
		finally {
			end.set(true);
		}
		for (Thread thread : threads) {
			thread.join();
		}
		await().atMost(PATIENCE).until(() -> {
			carriers.takeBack();
			return this.scheduler.getParallelism() == before;
		});
	}

	@Test
	void moreAreLentEachTimeUpToALimitAndTakenBackOnceFewerAreHeldThanThereWere() {
		AtomicInteger parallelism = new AtomicInteger(2);
		AtomicInteger held = new AtomicInteger(2);
		Carriers carriers = new Carriers(parallelism::get, parallelism::set, held::get, Runnable::run, 7);
		carriers.takeBack();
		assertThat(parallelism).hasValue(2);
		assertThat(carriers.lentFrom()).isZero();
		carriers.lend();
		assertThat(parallelism).hasValue(4);
		carriers.lend();
		carriers.lend();
		assertThat(parallelism).hasValue(7);
		assertThat(carriers.lentFrom()).isEqualTo(2);
		carriers.takeBack();
		assertThat(parallelism).hasValue(7);
		held.set(1);
		carriers.takeBack();
		assertThat(parallelism).hasValue(2);
		held.set(0);
		carriers.takeBack();
		assertThat(parallelism).hasValue(2);
	}

	/**
	 * The virtual machine calls it, so a thread that waits here keeps its carrier.
	 */
	private static final class WaitingLoader extends ClassLoader {

		static {
			registerAsParallelCapable();
		}

		private final CountDownLatch loading;

		private final CountDownLatch lock;

		WaitingLoader(CountDownLatch loading, CountDownLatch lock) {
			this.loading = loading;
			this.lock = lock;
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			this.loading.countDown();
			try {
				this.lock.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			throw new ClassNotFoundException(name);
		}

	}

}
