package dev.tomcorn.worker;

import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class LiveSetTests {

	private final LiveSet liveSet = new LiveSet();

	private void young(String collector, long heapUsed) {
		assertThat(this.liveSet.afterCollection(collector, "end of minor GC", heapUsed)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "MarkSweepCompact", "PS MarkSweep", "G1 Old Generation" })
	void fullCollectionLeavesTheLiveSet(String collector) {
		young("the young one", 50);
		assertThat(this.liveSet.afterCollection(collector, "end of major GC", 70)).hasValue(70);
		young("the young one", 75);
		assertThat(this.liveSet.afterCollection(collector, "end of major GC", 60)).hasValue(60);
	}

	@ParameterizedTest
	@ValueSource(strings = { "Copy", "PS Scavenge", "G1 Young Generation", "ZGC Minor Cycles" })
	void youngCollectionsAloneTellNothing(String collector) {
		for (int collection = 0; collection < 10; collection++) {
			young(collector, 90);
		}
	}

	@Test
	void lowestReadingBetweenTwoMarkingsOfG1Counts() {
		young("G1 Young Generation", 50);
		assertThat(marked(80)).as("the first marking ends what was before").hasValue(50);
		assertThat(marked(80)).as("remark and cleanup with nothing between them").isEmpty();
		young("G1 Young Generation", 78);
		young("G1 Young Generation", 61);
		young("G1 Young Generation", 66);
		assertThat(marked(95)).hasValue(61);
		young("G1 Young Generation", 70);
		assertThat(marked(95)).hasValue(70);
	}

	private OptionalLong marked(long heapUsed) {
		return this.liveSet.afterCollection("G1 Concurrent GC", "end of concurrent GC pause", heapUsed);
	}

	@Test
	void lowestReadingOfAMajorCycleOfZgcCounts() {
		assertThat(cycle("ZGC Major Cycles", 70)).hasValue(70);
		assertThat(cycle("ZGC Minor Cycles", 75)).isEmpty();
		assertThat(cycle("ZGC Minor Cycles", 65)).isEmpty();
		assertThat(cycle("ZGC Major Cycles", 68)).hasValue(65);
		assertThat(cycle("ZGC Major Cycles", 80)).hasValue(80);
	}

	@Test
	void everyCycleOfShenandoahCounts() {
		assertThat(cycle("Shenandoah Cycles", 70)).hasValue(70);
		assertThat(cycle("Shenandoah Cycles", 60)).hasValue(60);
	}

	private OptionalLong cycle(String collector, long heapUsed) {
		// Their pauses report no heap usage
		assertThat(this.liveSet.afterCollection(collector.replace("Cycles", "Pauses"), "end of GC pause", 0)).isEmpty();
		return this.liveSet.afterCollection(collector, "end of GC cycle", heapUsed);
	}

	@Test
	void collectionOfThisJvmTellsWhatItLeaves() {
		Queue<Long> estimates = new ConcurrentLinkedQueue<>();
		CollectionNotifications.listen(estimates::add);
		System.gc();
		await().until(() -> !estimates.isEmpty());
		assertThat(estimates.peek()).isBetween(1_000_000L, Runtime.getRuntime().maxMemory());
	}

}
