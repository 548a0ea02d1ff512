package dev.tomcorn.worker;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.LongSupplier;

import dev.tomcorn.core.scoreboard.WorkerSlot;

/**
 * Readings of this JVM's memory.
 *
 * @param gcMillis total time of collections, in milliseconds
 * @param residentMemory memory that the process occupies, in bytes
 */
record MemoryReadings(LongSupplier gcMillis, LongSupplier residentMemory) {

	static MemoryReadings ofThisProcess() {
		return new MemoryReadings(pauses(ManagementFactory.getGarbageCollectorMXBeans()),
				ResidentMemory.ofThisProcess());
	}

	/**
	 * Return the time for which collections paused the application. The cycles of ZGC and
	 * Shenandoah do not count: they run concurrently, and their pauses are reported as a
	 * collector of their own. The concurrent collector of G1 reports its pauses.
	 */
	static LongSupplier pauses(List<GarbageCollectorMXBean> collectors) {
		List<GarbageCollectorMXBean> pausing = collectors.stream()
			.filter((collector) -> !collector.getName().endsWith(" Cycles"))
			.toList();
		return () -> pausing.stream().mapToLong((collector) -> Math.max(0, collector.getCollectionTime())).sum();
	}

	/**
	 * Show the readings in a worker's slot.
	 */
	void show(WorkerSlot slot) {
		Runtime runtime = Runtime.getRuntime();
		slot.setGauges(this.gcMillis.getAsLong(), runtime.totalMemory() - runtime.freeMemory(), runtime.maxMemory(),
				this.residentMemory.getAsLong());
	}

}
