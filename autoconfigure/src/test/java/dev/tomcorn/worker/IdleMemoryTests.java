package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
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

	private final WorkerSlot slot = Scoreboard.solo().claim(0, 0, 1, 1);

	private final AtomicLong now = new AtomicLong();

	private final AtomicLong cpu = new AtomicLong();

	private final MemoryPoolMXBean oldGeneration = mock();

	private final AtomicInteger collections = new AtomicInteger();

	private IdleMemory memory;

	@BeforeEach
	void create() {
		uses(20, 40);
		this.memory = new IdleMemory(this.slot, this.now::get, this.cpu::get, this.oldGeneration, () -> {
			this.collections.incrementAndGet();
			uses(20, 40);
		});
	}

	private void uses(long used, long committed) {
		given(this.oldGeneration.getUsage())
			.willReturn(new MemoryUsage(0, used * MEGABYTE, committed * MEGABYTE, 500 * MEGABYTE));
	}

	/**
	 * Let the time pass, with a check in each second.
	 */
	private void pass(long seconds) {
		for (long second = 0; second < seconds; second++) {
			this.now.addAndGet(Duration.ofSeconds(1).toNanos());
			this.memory.check();
		}
	}

	private void answerRequest() {
		this.slot.requestBegan();
		this.slot.requestEnded();
	}

	@Test
	void collectsOnceIdleIfTheOldGenerationHasGrown() {
		pass(10);
		assertThat(this.collections).as("nothing to return").hasValue(0);
		uses(28, 40);
		answerRequest();
		pass(2);
		assertThat(this.collections).as("idle for a second").hasValue(0);
		pass(1);
		assertThat(this.collections).hasValue(1);
		pass(100);
		assertThat(this.collections).as("nothing more to return").hasValue(1);
	}

	@Test
	void emptySpaceThatAnotherCollectionHasLeftIsReturned() {
		uses(20, 48);
		pass(2);
		assertThat(this.collections).hasValue(1);
	}

	@Test
	void workerThatServesIsNotStopped() {
		uses(200, 200);
		for (int second = 0; second < 30; second++) {
			answerRequest();
			pass(1);
		}
		assertThat(this.collections).hasValue(0);
	}

	@Test
	void workerThatComputesIsNotStopped() {
		uses(200, 200);
		for (int second = 0; second < 30; second++) {
			this.cpu.addAndGet(Duration.ofMillis(150).toNanos());
			pass(1);
		}
		assertThat(this.collections).hasValue(0);
	}

	@Test
	void collectsOnceAMinute() {
		uses(100, 100);
		pass(2);
		uses(100, 100);
		pass(59);
		assertThat(this.collections).hasValue(1);
		pass(1);
		assertThat(this.collections).hasValue(2);
	}

	@Test
	void whatWouldTakeLongIsLeft() {
		uses(257, 300);
		pass(10);
		assertThat(this.collections).hasValue(0);
		// Most of it is garbage, since the last full collection has left little
		given(this.oldGeneration.getCollectionUsage())
			.willReturn(new MemoryUsage(0, 100 * MEGABYTE, 300 * MEGABYTE, 500 * MEGABYTE));
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
		boolean serial = ManagementFactory.getGarbageCollectorMXBeans()
			.stream()
			.anyMatch((collector) -> collector.getName().equals("MarkSweepCompact"));
		assertThat(IdleMemory.of(this.slot) != null).isEqualTo(serial);
	}

}
