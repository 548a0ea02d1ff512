package dev.tomcorn.core.process;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

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

	private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

	private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();

	private static final VarHandle ERRNO = CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

	private static final MethodHandle WAITID = Linker.nativeLinker()
		.downcallHandle(Linker.nativeLinker().defaultLookup().findOrThrow("waitid"),
				FunctionDescriptor.of(INT, INT, INT, ValueLayout.ADDRESS, INT),
				Linker.Option.captureCallState("errno"));

	private static final MethodHandle WAITPID = PosixSpawn.function("waitpid", INT, INT, ValueLayout.ADDRESS, INT);

	private final Arena arena = Arena.ofAuto();

	private final MemorySegment information = this.arena.allocate(INFORMATION_SIZE, Long.BYTES);

	private final MemorySegment state = this.arena.allocate(CALL_STATE);

	/**
	 * Wait until any child has ended, without collecting it.
	 * @return whether one has; {@code false} if there is no child at all
	 */
	boolean await() {
		try {
			int result;
			do {
				result = (int) WAITID.invokeExact(this.state, P_ALL, 0, this.information, WEXITED | WNOWAIT);
			}
			while (result != 0 && (int) ERRNO.get(this.state, 0L) == EINTR);
			return result == 0;
		}
		catch (Throwable ex) {
			throw new IllegalStateException("Cannot wait for programs", ex);
		}
	}

	/**
	 * Collect a child that has ended, whatever its exit code.
	 */
	void collect(int pid) {
		try {
			int _ = (int) WAITPID.invokeExact(pid, MemorySegment.NULL, WNOHANG);
		}
		catch (Throwable ex) {
			throw new IllegalStateException("Cannot collect a program", ex);
		}
	}

}
