package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.Trouble;
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

	/**
	 * Every carrier is held by a virtual thread that loads a class, and waits for one
	 * that has none.
	 */
	@Test
	void virtualThreadForWhichTheCarriersWaitRuns() throws Exception {
		int before = this.scheduler.getParallelism();
		WorkerSlot slot = Scoreboard.solo().claim(0, 0, 1, 1);
		Heartbeat heartbeat = new Heartbeat(slot, System::nanoTime, MemoryReadings.ofThisProcess(),
				Carriers.ofThisJvm());
		heartbeat.watch(true, new RecycleWatch(NONE, 0, slot, System::nanoTime, (reason) -> {
		}), null, null);
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
				heartbeat.look();
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
			heartbeat.look();
			return this.scheduler.getParallelism() == before;
		});
		assertThat(slot.trouble()).isEqualTo(Trouble.NONE);
	}

	private static void load(ClassLoader loader) {
		try {
			Class.forName("none.Such", false, loader);
		}
		catch (ClassNotFoundException ex) {
			// As it should
		}
	}

	@Test
	void moreAreLentEachTimeUpToALimitAndTakenBackOnceFewerAreHeldThanThereWere() {
		AtomicInteger parallelism = new AtomicInteger(2);
		AtomicInteger held = new AtomicInteger(2);
		Carriers carriers = new Carriers(parallelism::get, parallelism::set, held::get, Runnable::run, 7);
		carriers.takeBack();
		assertThat(parallelism).hasValue(2);
		carriers.lend();
		assertThat(parallelism).hasValue(4);
		carriers.lend();
		carriers.lend();
		assertThat(parallelism).hasValue(7);
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
	 * The virtual machine calls it, so that who waits here keeps the carrier.
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
