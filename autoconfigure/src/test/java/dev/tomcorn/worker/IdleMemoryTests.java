package dev.tomcorn.worker;

import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link IdleMemory}.
 */
class IdleMemoryTests {

	private static final long MEGABYTE = 1L << 20;

	private static final long INITIAL = 40;

	private final WorkerSlot slot = Scoreboard.solo().claim(0, 0, 1, 1);

	private final AtomicLong now = new AtomicLong();

	private final AtomicLong cpu = new AtomicLong();

	private final MemoryPoolMXBean oldGeneration = mock();

	private final AtomicInteger collections = new AtomicInteger();

	private long live = INITIAL;

	private Duration pause = Duration.ZERO;

	private IdleMemory memory;

	@BeforeEach
	void create() {
		has(INITIAL);
		this.slot.setState(WorkerState.READY);
		this.memory = watch(this.slot);
	}

	private IdleMemory watch(WorkerSlot worker) {
		return new IdleMemory(worker, this.now::get, this.cpu::get, this.oldGeneration, () -> {
			this.collections.incrementAndGet();
			this.now.addAndGet(this.pause.toNanos());
			has(this.live);
		});
	}

	/**
	 * Set the size of the old generation in megabytes.
	 */
	private void has(long committed) {
		given(this.oldGeneration.getUsage())
			.willReturn(new MemoryUsage(INITIAL * MEGABYTE, 0, committed * MEGABYTE, 2000 * MEGABYTE));
	}

	/**
	 * Let the time pass, with several checks in each second.
	 */
	private void pass(long seconds) {
		for (long check = 0; check < 4 * seconds; check++) {
			this.now.addAndGet(Duration.ofMillis(250).toNanos());
			this.memory.check();
		}
	}

	private void answerRequest() {
		this.slot.requestBegan();
		this.slot.requestEnded();
	}

	@Test
	void collectsWhenIdleIfTheOldGenerationHasGrown() {
		pass(10);
		assertThat(this.collections).as("nothing to return").hasValue(0);
		has(INITIAL + 8);
		answerRequest();
		pass(2);
		assertThat(this.collections).as("idle for a second").hasValue(0);
		pass(1);
		assertThat(this.collections).hasValue(1);
		pass(3600);
		assertThat(this.collections).as("nothing more to return").hasValue(1);
	}

	@Test
	void whatCannotBecomeSmallerThanAtTheStartIsLeft() {
		has(INITIAL + 7);
		pass(3600);
		assertThat(this.collections).hasValue(0);
	}

	@Test
	void workerThatServesIsNotStopped() {
		has(200);
		for (int second = 0; second < 30; second++) {
			answerRequest();
			pass(1);
		}
		assertThat(this.collections).hasValue(0);
	}

	@Test
	void workerThatComputesIsNotStopped() {
		has(200);
		for (int second = 0; second < 30; second++) {
			this.cpu.addAndGet(Duration.ofMillis(150).toNanos());
			pass(1);
		}
		assertThat(this.collections).hasValue(0);
	}

	@Test
	void workerThatEndsIsNotStopped() {
		has(200);
		this.slot.setState(WorkerState.DRAINING);
		pass(30);
		assertThat(this.collections).hasValue(0);
	}

	@Test
	void standbyReturnsItsMemory() {
		has(200);
		this.slot.setState(WorkerState.STANDBY);
		pass(3);
		assertThat(this.collections).hasValue(1);
	}

	@Test
	void collectsOnceAMinute() {
		has(100);
		pass(2);
		has(100);
		pass(59);
		assertThat(this.collections).hasValue(1);
		pass(1);
		assertThat(this.collections).hasValue(2);
	}

	@Test
	void whatIsInUseIsNotCollectedAgainUntilItHasGrownByAQuarter() {
		this.live = 100;
		has(150);
		pass(2);
		has(124);
		pass(120);
		assertThat(this.collections).hasValue(1);
		has(125);
		pass(1);
		assertThat(this.collections).hasValue(2);
	}

	@Test
	void whatWasInUseMayBeGarbageLater() {
		this.live = 150;
		has(150);
		pass(2);
		this.live = INITIAL;
		pass(599);
		assertThat(this.collections).hasValue(1);
		pass(1);
		assertThat(this.collections).hasValue(2);
		pass(3600);
		assertThat(this.collections).hasValue(2);
	}

	@Test
	void whatMayTakeLongIsLeft() {
		has(513);
		pass(10);
		assertThat(this.collections).hasValue(0);
		has(512);
		pass(1);
		assertThat(this.collections).hasValue(1);
	}

	@Test
	void workerThatWasStoppedForLongIsNotStoppedAgain() {
		this.pause = Duration.ofMillis(501);
		has(200);
		pass(3);
		assertThat(this.collections).hasValue(1);
		has(400);
		pass(3600);
		assertThat(this.collections).hasValue(1);
	}

	@Test
	void workersCollectOneAfterTheOther() {
		WorkerSlot third = Scoreboard.solo().claim(0, 2, 1, 1);
		third.setState(WorkerState.READY);
		this.memory = watch(third);
		has(100);
		pass(5);
		assertThat(this.collections).hasValue(0);
		pass(1);
		assertThat(this.collections).hasValue(1);
	}

	@Test
	void onlyTheSerialCollectorHasThisOldGeneration() {
		MemoryPoolMXBean tenured = mock();
		given(tenured.getName()).willReturn("Tenured Gen");
		MemoryPoolMXBean g1 = mock();
		given(g1.getName()).willReturn("G1 Old Gen");
		assertThat(IdleMemory.oldGeneration(List.of(g1))).isNull();
		assertThat(IdleMemory.oldGeneration(List.of(g1, tenured))).isSameAs(tenured);
		// The JVM of the tests returns memory in steps, if it has this collector at all
		assertThat(IdleMemory.of(this.slot)).isNull();
	}

}
