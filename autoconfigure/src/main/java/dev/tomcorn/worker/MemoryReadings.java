package dev.tomcorn.worker;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.LongSupplier;

import dev.tomcorn.core.scoreboard.WorkerSlot;

/**
 * How this JVM is off for memory.
 *
 * @param gcMillis time that collections have taken, in milliseconds
 * @param residentMemory memory that the process occupies, in bytes
 */
record MemoryReadings(LongSupplier gcMillis, LongSupplier residentMemory) {

	static MemoryReadings ofThisProcess() {
		return new MemoryReadings(pauses(ManagementFactory.getGarbageCollectorMXBeans()),
				ResidentMemory.ofThisProcess());
	}

	/**
	 * Return the time of collections during which the application stood still. The cycles
	 * of ZGC and Shenandoah are not: they run beside it, and their pauses are a collector
	 * of their own. What G1 calls concurrent are its pauses for it.
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
