package dev.tomcorn.worker;

import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.nio.file.Path;
import java.util.List;

import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerRecord.Note;
import dev.tomcorn.core.scoreboard.WorkerRecords;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;

/**
 * Tests for {@link FullMemory}.
 */
class FullMemoryTests {

	private static final String METASPACE = "Metaspace";

	private static final String CLASS_SPACE = "Compressed Class Space";

	private WorkerRecord record;

	@BeforeEach
	void claim(@TempDir Path directory) throws Exception {
		WorkerRecords records = WorkerRecords.create(directory.resolve("records"), 1);
		records.claim(0, 1);
		WorkerRecord claimed = records.of(0, 1);
		assertThat(claimed).isNotNull();
		this.record = claimed;
	}

	private static MemoryPoolMXBean pool(String name, long committed, long max) {
		MemoryPoolMXBean pool = mock(MemoryPoolMXBean.class);
		given(pool.getName()).willReturn(name);
		given(pool.getUsage()).willReturn(new MemoryUsage(0, 0, committed, max));
		given(pool.isUsageThresholdSupported()).willReturn(true);
		return pool;
	}

	private String told(MemoryPoolMXBean... pools) {
		FullMemory.watch(this.record, List.of(pools)).check();
		return this.record.note(Note.MEMORY);
	}

	@Test
	void memoryThatIsNearlyFullIsTold() {
		assertThat(told(pool(METASPACE, 90, 100), pool(CLASS_SPACE, 89, 100))).isEqualTo(METASPACE);
		assertThat(told(pool(METASPACE, 89, 100), pool(CLASS_SPACE, 90, 100))).isEqualTo("Compressed class space");
	}

	@Test
	void memoryThatHasRoomOrNoLimitIsNotTold() {
		assertThat(told(pool(METASPACE, 89, 100))).isEmpty();
		assertThat(told(pool(METASPACE, 90, -1))).isEmpty();
		assertThat(told(pool("G1 Old Gen", 100, 100))).isEmpty();
	}

	@Test
	void memoryThatHasRoomAgainIsNotToldAnyLonger() {
		MemoryPoolMXBean pool = pool(METASPACE, 90, 100);
		FullMemory memory = FullMemory.watch(this.record, List.of(pool));
		memory.check();
		assertThat(this.record.note(Note.MEMORY)).isEqualTo(METASPACE);
		given(pool.getUsage()).willReturn(new MemoryUsage(0, 0, 50, 100));
		memory.check();
		assertThat(this.record.note(Note.MEMORY)).isEmpty();
	}

	@Test
	void jvmReportsMemoryBeforeItIsFull() {
		MemoryPoolMXBean pool = pool(METASPACE, 10, 100);
		FullMemory.watch(this.record, List.of(pool));
		then(pool).should().setUsageThreshold(60);
	}

	@Test
	void thresholdThatTheApplicationHasSetStays() {
		MemoryPoolMXBean pool = pool(METASPACE, 90, 100);
		given(pool.getUsageThreshold()).willReturn(80L);
		assertThat(told(pool)).isEqualTo(METASPACE);
		then(pool).should(never()).setUsageThreshold(anyLong());
	}

}
