package dev.tomcorn.core.process;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

import dev.tomcorn.core.foreign.CFunction;
import sun.misc.Signal;

/**
 * Signals for the arbiter that may also reach its workers. A worker starts with them
 * blocked, because they would end or stop a booting JVM.
 */
public final class WorkerSignals {

	/**
	 * The JVM unblocks HUP and USR2 as soon as it can handle them.
	 */
	static final long BLOCKED = mask("HUP", "USR1", "USR2", "TTIN", "TTOU");

	private static final int SIG_UNBLOCK = 1;

	/**
	 * More bytes than a set of signals has.
	 */
	private static final int SET_SIZE = 128;

	private WorkerSignals() {
	}

	private static long mask(String... names) {
		return List.of(names)
			.stream()
			.mapToLong((name) -> 1L << (new Signal(name).getNumber() - 1))
			.reduce(0, (one, other) -> one | other);
	}

	/**
	 * Unblock them in the current thread and in the threads and processes that it starts
	 * from now on. For a worker that can handle them.
	 */
	public static void unblock() {
		CFunction sigprocmask = CFunction.of("sigprocmask", int.class, int.class, MemorySegment.class,
				MemorySegment.class);
		try (Arena arena = Arena.ofConfined()) {
			MemorySegment set = arena.allocate(SET_SIZE, Long.BYTES);
			set.set(ValueLayout.JAVA_LONG, 0, BLOCKED);
			sigprocmask.call(SIG_UNBLOCK, set.address(), 0);
		}
	}

}
