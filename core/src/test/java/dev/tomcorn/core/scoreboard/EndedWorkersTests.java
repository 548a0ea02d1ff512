package dev.tomcorn.core.scoreboard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link EndedWorkers}.
 */
class EndedWorkersTests {

	private static final long VERSION = 0;

	private final MemorySegment memory = MemorySegment.ofArray(new long[8]);

	private final EndedWorkers ended = new EndedWorkers(this.memory);

	private final WorkerSlot slot = new WorkerSlot(0,
			MemorySegment.ofArray(new long[Math.toIntExact(WorkerSlot.SIZE / Long.BYTES)]), false);

	/**
	 * On a busy machine the arbiter may lose its processor while it adds.
	 */
	@Test
	void readerWaitsForAnArbiterThatHasNoProcessor() throws InterruptedException {
		this.slot.claim(0, 1, 1);
		this.slot.requestBegan();
		this.slot.requestEnded();
		this.memory.set(ValueLayout.JAVA_INT, VERSION, 1);
		AtomicReference<Scoreboard.Totals> totals = new AtomicReference<>();
		Thread reader = Thread.ofPlatform().start(() -> totals.set(this.ended.plus(List.of(this.slot))));
		await().pollInterval(Duration.ofMillis(1)).until(() -> reader.getState() == Thread.State.TIMED_WAITING);
		this.memory.set(ValueLayout.JAVA_INT, VERSION, 2);
		this.ended.add(this.slot);
		reader.join();
		assertThat(totals.get()).isEqualTo(new Scoreboard.Totals(1, 0));
	}

	@Test
	void readerDoesNotWaitForeverForAnArbiterThatHangs() {
		this.memory.set(ValueLayout.JAVA_INT, VERSION, 1);
		assertThat(this.ended.plus(List.of(this.slot))).isEqualTo(new Scoreboard.Totals(0, 0));
	}

}
