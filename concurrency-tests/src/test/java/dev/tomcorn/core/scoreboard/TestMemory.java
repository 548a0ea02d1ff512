package dev.tomcorn.core.scoreboard;

import java.lang.foreign.MemorySegment;

/**
 * Parts of a scoreboard without the rest of it, so that each run of a test has its own.
 */
public final class TestMemory {

	private TestMemory() {
	}

	static MemorySegment bytes(long size) {
		return MemorySegment.ofArray(new long[Math.toIntExact(size / Long.BYTES)]);
	}

	/**
	 * Return a slot that no worker has.
	 * @return the slot
	 */
	public static WorkerSlot slot() {
		return new WorkerSlot(0, bytes(WorkerSlot.SIZE), false);
	}

	/**
	 * Return a record without requests.
	 * @return the record
	 */
	public static WorkerRecord record() {
		return new WorkerRecord(bytes(WorkerRecord.SIZE));
	}

}
