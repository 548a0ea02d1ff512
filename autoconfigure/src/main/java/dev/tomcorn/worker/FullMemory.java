package dev.tomcorn.worker;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.util.List;

import javax.management.NotificationEmitter;

import dev.tomcorn.core.scoreboard.WorkerRecord;

/**
 * Writes down which memory beside the heap is nearly full. A JVM that ends because it has
 * no memory left tells only its standard output which memory it was.
 */
final class FullMemory {

	private static final double NEARLY_FULL = 0.9;

	/**
	 * Where much of what is taken from the system is not used, the limit is reached long
	 * before all is used.
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
	 * Watch the metaspace, as far as it is limited.
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
		// A threshold is the application's if there is one
		pools.stream()
			.filter((pool) -> pool.getUsageThreshold() == 0)
			.forEach((pool) -> pool.setUsageThreshold((long) (WORTH_A_LOOK * pool.getUsage().getMax())));
		if (!pools.isEmpty() && ManagementFactory.getMemoryMXBean() instanceof NotificationEmitter emitter) {
			// It may be full before the next look
			emitter.addNotificationListener((notification, handback) -> memory.check(), null, null);
		}
		return memory;
	}

	/**
	 * Look how full it is.
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
