package dev.tomcorn.worker;

import java.util.OptionalLong;

/**
 * Estimates how much of the heap the application really holds, from what is in use after
 * collections.
 * <p>
 * A full collection leaves nothing but that. G1 and the concurrent collectors have none
 * in ordinary life: there, garbage of the old generation goes step by step in the
 * collections that follow a marking or make up a cycle, and what is allocated meanwhile
 * counts as in use. Every reading is an upper bound, so that the lowest one of a cycle
 * over the whole heap is the estimate. Collections of the young generation alone say
 * nothing. A heap so empty that its collector never looks at the old generation gives no
 * estimate.
 */
final class LiveSet {

	private long lowest = Long.MAX_VALUE;

	/**
	 * Take a reading.
	 * @param collector the collector's name
	 * @param action what it has ended, both as the JVM's notifications have them
	 * @param heapUsed heap in use thereafter, in bytes
	 * @return an estimate in bytes, if a cycle over the whole heap is complete
	 */
	OptionalLong afterCollection(String collector, String action, long heapUsed) {
		// A pause of a concurrent collector frees nothing, and some report no use at all
		if (collector.endsWith(" Pauses")) {
			return OptionalLong.empty();
		}
		if (action.equals("end of major GC")) {
			this.lowest = Long.MAX_VALUE;
			return OptionalLong.of(heapUsed);
		}
		if (collector.equals("G1 Concurrent GC")) {
			// The end of a marking is the end of what followed the one before
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
