package dev.tomcorn.core.scoreboard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * The counts of workers that have ended. The arbiter adds to them, all processes read
 * them.
 */
final class EndedWorkers {

	private static final VarHandle INT_FIELD = ValueLayout.JAVA_INT.varHandle();

	private static final VarHandle LONG_FIELD = ValueLayout.JAVA_LONG.varHandle();

	/**
	 * A version that is odd while the arbiter adds a worker's counts.
	 */
	private static final long VERSION = 0;

	private static final long HANDLED = 8;

	private static final long FAILED = 16;

	private static final int READ_ATTEMPTS = 5000;

	private final MemorySegment memory;

	EndedWorkers(MemorySegment memory) {
		this.memory = memory;
	}

	void add(WorkerSlot slot) {
		int version = (int) INT_FIELD.getVolatile(this.memory, VERSION);
		INT_FIELD.setVolatile(this.memory, VERSION, version + 1);
		LONG_FIELD.getAndAdd(this.memory, HANDLED, slot.handledRequests());
		LONG_FIELD.getAndAdd(this.memory, FAILED, slot.failedRequests());
		slot.vacate();
		INT_FIELD.setVolatile(this.memory, VERSION, version + 2);
	}

	/**
	 * Return the sums over running and ended workers. If the arbiter hangs for half a
	 * second while it adds, they may be off by one worker.
	 */
	Scoreboard.Totals plus(List<WorkerSlot> slots) {
		for (int attempt = 0;; attempt++) {
			int version = (int) INT_FIELD.getVolatile(this.memory, VERSION);
			Scoreboard.Totals totals = sum(slots);
			boolean whole = (version & 1) == 0 && (int) INT_FIELD.getVolatile(this.memory, VERSION) == version;
			if (whole || attempt >= READ_ATTEMPTS) {
				return totals;
			}
			WriterPause.after(attempt);
		}
	}

	private Scoreboard.Totals sum(List<WorkerSlot> slots) {
		long handled = (long) LONG_FIELD.getVolatile(this.memory, HANDLED);
		long failed = (long) LONG_FIELD.getVolatile(this.memory, FAILED);
		for (WorkerSlot slot : slots) {
			if (slot.state() != WorkerState.VACANT) {
				handled += slot.handledRequests();
				failed += slot.failedRequests();
			}
		}
		return new Scoreboard.Totals(handled, failed);
	}

}
