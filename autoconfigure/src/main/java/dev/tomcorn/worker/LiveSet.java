package dev.tomcorn.worker;

import java.util.OptionalLong;

/**
 * Estimates how much of the heap the application really holds, from what is in use after
 * collections.
 * <p>
 * A full collection leaves only the live set. G1 and the concurrent collectors normally
 * run no full collection. They free garbage of the old generation step by step, in the
 * collections that follow a marking or make up a cycle, and memory allocated meanwhile
 * counts as in use. Every reading is an upper bound, so the lowest one of a cycle over
 * the whole heap is the estimate. Collections of the young generation alone give no
 * estimate. There is also none while the heap is so empty that the old generation is
 * never collected.
 */
final class LiveSet {

	private long lowest = Long.MAX_VALUE;

	/**
	 * Take a reading.
	 * @param collector the collector's name
	 * @param action the action it has ended, both as in the JVM's notifications
	 * @param heapUsed heap in use thereafter, in bytes
	 * @return an estimate in bytes, if a cycle over the whole heap is complete
	 */
	OptionalLong afterCollection(String collector, String action, long heapUsed) {
		// A pause of a concurrent collector frees nothing, and some report no usage
		if (collector.endsWith(" Pauses")) {
			return OptionalLong.empty();
		}
		if (action.equals("end of major GC")) {
			this.lowest = Long.MAX_VALUE;
			return OptionalLong.of(heapUsed);
		}
		if (collector.equals("G1 Concurrent GC")) {
			// The end of a marking also ends the cycle of the previous marking
			return complete();
		}
		this.lowest = Math.min(this.lowest, heapUsed);
		boolean wholeHeap = collector.equals("ZGC Major Cycles") || collector.equals("Shenandoah Cycles");
		return wholeHeap ? complete() : OptionalLong.empty();
	}

	private OptionalLong complete() {
		long estimate = this.lowest;
		this.lowest = Long.MAX_VALUE;
		return (estimate != Long.MAX_VALUE) ? OptionalLong.of(estimate) : OptionalLong.empty();
	}

}
