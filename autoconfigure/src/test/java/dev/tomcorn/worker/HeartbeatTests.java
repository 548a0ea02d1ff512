package dev.tomcorn.worker;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import javax.management.ObjectName;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

class HeartbeatTests {

	private static final long MEGABYTE = 1024 * 1024;

	private static final RecycleLimits ONE_REQUEST = new RecycleLimits(1, 0, Duration.ZERO, 0, 0);

	private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(3).toNanos());

	private final AtomicLong gcMillis = new AtomicLong(400);

	private final AtomicLong resident = new AtomicLong(300 * MEGABYTE);

	private final WorkerSlot slot = Scoreboard.solo().claim(0, 0, 1, 1);

	private final Heartbeat heartbeat = new Heartbeat(this.slot, this.now::get,
			new MemoryReadings(this.gcMillis::get, this.resident::get), Carriers.ofThisJvm());

	/**
	 * Let time pass, a share of it in collections, with a heartbeat every quarter of a
	 * second.
	 * @return whether there was a heartbeat at the end
	 */
	private boolean pass(Duration time, double gcShare) {
		boolean beat = false;
		for (long passed = 0; passed < time.toMillis(); passed += 250) {
			this.now.addAndGet(Duration.ofMillis(250).toNanos());
			this.gcMillis.addAndGet((long) (250 * gcShare));
			beat = beats();
		}
		return beat;
	}

	private boolean beats() {
		long before = this.slot.heartbeat();
		// Heartbeats use the real clock
		while (System.nanoTime() <= before) {
			Thread.onSpinWait();
		}
		this.heartbeat.beat();
		return this.slot.heartbeat() > before;
	}

	@Test
	void healthyWorkerBeatsAtEveryLook() {
		assertThat(beats()).isTrue();
		for (int check = 0; check < 100; check++) {
			assertThat(pass(Duration.ofMillis(250), 0.5)).isTrue();
		}
		assertThat(this.slot.trouble()).isEqualTo(Trouble.NONE);
	}

	@Test
	void workerThatOnlyCollectsFallsSilentAndSaysWhyUntilItDoesSomethingElse() {
		pass(Duration.ofSeconds(10), 0.1);
		assertThat(pass(Duration.ofSeconds(2), 0.96)).as("after two seconds").isTrue();
		assertThat(pass(Duration.ofSeconds(4), 0.96)).as("after six seconds").isFalse();
		assertThat(this.slot.trouble()).isEqualTo(Trouble.GARBAGE_COLLECTION);
		assertThat(pass(Duration.ofSeconds(60), 0.96)).as("after a minute").isFalse();
		assertThat(pass(Duration.ofSeconds(2), 0.1)).as("after two better seconds").isTrue();
		assertThat(this.slot.trouble()).isEqualTo(Trouble.NONE);
	}

	@Test
	void momentBetweenTwoLongCollectionsIsNoHealth() {
		pass(Duration.ofSeconds(10), 0);
		for (int collection = 0; collection < 10; collection++) {
			this.now.addAndGet(Duration.ofSeconds(8).toNanos());
			this.gcMillis.addAndGet(7900);
			assertThat(beats()).as("beat after collection %d", collection).isFalse();
		}
	}

	@Test
	void processThatDidNotRunForAMinuteHasNotCollected() {
		pass(Duration.ofSeconds(10), 0);
		this.now.addAndGet(Duration.ofMinutes(1).toNanos());
		this.gcMillis.addAndGet(900);
		assertThat(beats()).isTrue();
	}

	@Test
	void workerWithoutVirtualThreadsIsNotProbed() {
		this.heartbeat.watch(false, watch(new RecycleLimits(0, 0, Duration.ZERO, 0, 0)), null, null, null);
		assertThat(pass(Duration.ofSeconds(30), 0)).isTrue();
	}

	@Test
	void readingsAreTakenOnceASecond() {
		this.heartbeat.beat();
		assertThat(this.slot.gcMillis()).isEqualTo(400);
		assertThat(this.slot.residentMemory()).isEqualTo(300 * MEGABYTE);
		assertThat(this.slot.heapUsed()).isBetween(MEGABYTE, Runtime.getRuntime().maxMemory());
		assertThat(this.slot.heapMax()).isEqualTo(Runtime.getRuntime().maxMemory());
		this.resident.set(500 * MEGABYTE);
		pass(Duration.ofMillis(750), 0);
		assertThat(this.slot.residentMemory()).isEqualTo(300 * MEGABYTE);
		pass(Duration.ofMillis(250), 0);
		assertThat(this.slot.residentMemory()).isEqualTo(500 * MEGABYTE);
	}

	@Test
	void lookWithoutMemoryForItIsTroubleAndNotTheEndOfTheHeartbeat() {
		Heartbeat exhausted = new Heartbeat(this.slot, this.now::get, new MemoryReadings(this.gcMillis::get, () -> {
			if (this.resident.get() > 300 * MEGABYTE) {
				throw new OutOfMemoryError();
			}
			return 0;
		}), Carriers.ofThisJvm());
		this.resident.set(400 * MEGABYTE);
		long before = this.slot.heartbeat();
		exhausted.beat();
		assertThat(this.slot.heartbeat()).isEqualTo(before);
		assertThat(this.slot.trouble()).isEqualTo(Trouble.GARBAGE_COLLECTION);
		this.resident.set(0);
		exhausted.beat();
		assertThat(this.slot.trouble()).isEqualTo(Trouble.NONE);
	}

	@Test
	void readingThatFailsDoesNotSilenceTheWorker() {
		Heartbeat failing = new Heartbeat(this.slot, this.now::get, new MemoryReadings(this.gcMillis::get, () -> {
			throw new IllegalStateException("on purpose");
		}), Carriers.ofThisJvm());
		long before = this.slot.heartbeat();
		failing.beat();
		assertThat(this.slot.heartbeat()).isGreaterThan(before);
		assertThat(this.slot.trouble()).isEqualTo(Trouble.NONE);
	}

	@Test
	void limitThatCannotBeLookedAtDoesNotStopTheHeartbeat() {
		this.slot.setState(WorkerState.READY);
		this.heartbeat.watch(false, new RecycleWatch(ONE_REQUEST, 0, this.slot, this.now::get, (reason) -> {
			throw new StackOverflowError("on purpose");
		}), null, null, null);
		this.slot.requestBegan();
		this.slot.requestEnded();
		assertThat(pass(Duration.ofSeconds(1), 0)).isTrue();
	}

	@Test
	void threadOutlivesWhateverFails() {
		Heartbeat real = Heartbeat.of(this.slot);
		AtomicInteger failures = new AtomicInteger();
		real.watch(false, watch(new RecycleLimits(0, 0, Duration.ZERO, 0, 0)), null,
				new DeadlockWatch(ManagementFactory.getThreadMXBean(), (line) -> {
				}, Runnable::run, () -> {
					if (failures.getAndIncrement() == 0) {
						return 0;
					}
					throw new StackOverflowError("on purpose");
				}), null);
		real.start();
		await().until(() -> failures.get() > 3);
	}

	@Test
	void memoryOfAnIdleWorkerIsReturned() {
		MemoryPoolMXBean oldGeneration = mock();
		given(oldGeneration.getUsage()).willReturn(new MemoryUsage(0, 0, 100 << 20, 200 << 20));
		AtomicLong collections = new AtomicLong();
		this.slot.setState(WorkerState.READY);
		this.heartbeat.watch(false, watch(new RecycleLimits(0, 0, Duration.ZERO, 0, 0)), null, null,
				new IdleMemory(this.slot, this.now::get, () -> 0, oldGeneration, () -> {
					collections.incrementAndGet();
					throw new OutOfMemoryError("on purpose");
				}));
		for (int second = 0; second < 3; second++) {
			assertThat(pass(Duration.ofSeconds(1), 0)).isTrue();
		}
		assertThat(collections).hasPositiveValue();
	}

	@Test
	void limitsOfItsLifeAreLookedAt() {
		AtomicLong asked = new AtomicLong();
		this.slot.setState(WorkerState.READY);
		this.heartbeat.watch(false,
				new RecycleWatch(ONE_REQUEST, 0, this.slot, this.now::get, (reason) -> asked.incrementAndGet()), null,
				null, null);
		pass(Duration.ofSeconds(1), 0);
		assertThat(asked).hasValue(0);
		this.slot.requestBegan();
		this.slot.requestEnded();
		pass(Duration.ofSeconds(1), 0);
		assertThat(asked).hasValue(1);
	}

	private RecycleWatch watch(RecycleLimits limits) {
		return new RecycleWatch(limits, 0, this.slot, this.now::get, (reason) -> {
		});
	}

	@Test
	void onlyTheTimeInWhichTheApplicationStoodStillCounts() {
		assertThat(pauses("Copy", "MarkSweepCompact")).isEqualTo(22);
		assertThat(pauses("PS MarkSweep", "PS Scavenge")).isEqualTo(22);
		assertThat(pauses("G1 Young Generation", "G1 Concurrent GC", "G1 Old Generation")).isEqualTo(33);
		assertThat(pauses("ZGC Minor Cycles", "ZGC Minor Pauses", "ZGC Major Cycles", "ZGC Major Pauses"))
			.isEqualTo(22);
		assertThat(pauses("Shenandoah Cycles", "Shenandoah Pauses")).isEqualTo(11);
	}

	private static long pauses(String... collectors) {
		return MemoryReadings.pauses(Stream.of(collectors).<GarbageCollectorMXBean>map(Collector::new).toList())
			.getAsLong();
	}

	private record Collector(String name) implements GarbageCollectorMXBean {

		@Override
		public String getName() {
			return this.name;
		}

		@Override
		public long getCollectionTime() {
			return 11;
		}

		@Override
		public long getCollectionCount() {
			return 1;
		}

		@Override
		public boolean isValid() {
			return true;
		}

		@Override
		public String[] getMemoryPoolNames() {
			return new String[0];
		}

		@Override
		public ObjectName getObjectName() {
			throw new UnsupportedOperationException();
		}

	}

	@Test
	void threadOfItsOwnBeatsFourTimesASecond() {
		Heartbeat real = Heartbeat.of(this.slot);
		long start = this.slot.heartbeat();
		real.start();
		await().until(() -> this.slot.heartbeat() - start > 1_000_000_000L);
		assertThat(this.slot.gcMillis()).isGreaterThanOrEqualTo(0);
		assertThat(this.slot.residentMemory()).isGreaterThan(10 * MEGABYTE);
	}

}
