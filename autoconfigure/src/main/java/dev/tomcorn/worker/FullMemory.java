package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.util.List;

import javax.management.NotificationEmitter;

import dev.tomcorn.core.scoreboard.WorkerRecord;

/**
 * Records which memory outside the heap is nearly full. A JVM that ends for lack of
 * memory names that memory only on its standard output.
 */
final class FullMemory {

	private static final double NEARLY_FULL = 0.9;

	/**
	 * Threshold of use from which to check. Committed memory may reach the limit long
	 * before all of it is used.
	 */
	private static final double WORTH_A_LOOK = 0.6;

	private final WorkerRecord record;

	private final List<MemoryPoolMXBean> pools;

	private String told = "";

	private FullMemory(WorkerRecord record, List<MemoryPoolMXBean> pools) {
		this.record = record;
		this.pools = pools;
	}

	/**
	 * Watch the metaspace if it has a limit.
	 */
	static FullMemory watch(WorkerRecord record) {
		return watch(record, ManagementFactory.getMemoryPoolMXBeans());
	}

	static FullMemory watch(WorkerRecord record, List<MemoryPoolMXBean> candidates) {
		List<MemoryPoolMXBean> pools = candidates.stream()
			.filter((pool) -> pool.getName().equals("Metaspace") || pool.getName().equals("Compressed Class Space"))
			.filter((pool) -> pool.getUsage().getMax() > 0 && pool.isUsageThresholdSupported())
			.toList();
		FullMemory memory = new FullMemory(record, pools);
		// A threshold that is already set belongs to the application
		pools.stream()
			.filter((pool) -> pool.getUsageThreshold() == 0)
			.forEach((pool) -> pool.setUsageThreshold((long) (WORTH_A_LOOK * pool.getUsage().getMax())));
		if (!pools.isEmpty() && ManagementFactory.getMemoryMXBean() instanceof NotificationEmitter emitter) {
			// It may be full before the next regular check
			emitter.addNotificationListener((notification, handback) -> memory.check(), null, null);
		}
		return memory;
	}

	/**
	 * Check whether a memory pool is nearly full.
	 */
	synchronized void check() {
		String full = this.pools.stream()
			.filter(FullMemory::isNearlyFull)
			.map((pool) -> pool.getName().equals("Metaspace") ? "Metaspace" : "Compressed class space")
			.findFirst()
			.orElse("");
		if (!full.equals(this.told)) {
			this.told = full;
			this.record.setNote(WorkerRecord.Note.MEMORY, full);
		}
	}

	private static boolean isNearlyFull(MemoryPoolMXBean pool) {
		MemoryUsage usage = pool.getUsage();
		return usage.getCommitted() >= NEARLY_FULL * usage.getMax();
	}

}
