package dev.tomcorn.core.process;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import dev.tomcorn.core.foreign.CFunction;

/**
 * The C library calls that wait for any child and collect one. Constants are those of
 * Linux.
 */
final class EndedChildren {

	private static final int P_ALL = 0;

	private static final int WNOHANG = 1;

	private static final int WEXITED = 4;

	private static final int WNOWAIT = 0x01000000;

	private static final int EINTR = 4;

	/**
	 * More bytes than the library's own structure has.
	 */
	private static final int INFORMATION_SIZE = 512;

	private static final CFunction WAITID = CFunction.of("waitid", int.class, int.class, int.class, MemorySegment.class,
			int.class);

	private static final CFunction WAITPID = CFunction.of("waitpid", int.class, int.class, MemorySegment.class,
			int.class);

	/**
	 * Wait until any child has ended, without collecting it.
	 * @return whether one has; {@code false} if there is no child at all
	 */
	boolean await() {
		try (Arena arena = Arena.ofConfined()) {
			MemorySegment state = CFunction.callState(arena);
			MemorySegment information = arena.allocate(INFORMATION_SIZE, Long.BYTES);
			long result;
			do {
				result = WAITID.call(state, P_ALL, 0, information.address(), WEXITED | WNOWAIT);
			}
			while (result != 0 && CFunction.errno(state) == EINTR);
			return result == 0;
		}
	}

	/**
	 * Collect a child that has ended, whatever its exit code.
	 */
	void collect(int pid) {
		WAITPID.call(pid, 0, WNOHANG);
	}

}
