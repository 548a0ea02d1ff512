package dev.tomcorn.core.process;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

import org.jspecify.annotations.Nullable;

/**
 * The heap of the C library in this process.
 */
public final class NativeHeap {

	/**
	 * Only glibc has it.
	 */
	private static final @Nullable MethodHandle TRIM = Linker.nativeLinker()
		.defaultLookup()
		.find("malloc_trim")
		.map((address) -> Linker.nativeLinker()
			.downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)))
		.orElse(null);

	private NativeHeap() {
	}

	/**
	 * Return whether the C library can return memory to the system.
	 * @return whether it is glibc
	 */
	static boolean canGiveBack() {
		return TRIM != null;
	}

	/**
	 * Return free memory to the system, if the C library can.
	 */
	public static void giveBack() {
		if (TRIM == null) {
			return;
		}
		try {
			int _ = (int) TRIM.invokeExact(0L);
		}
		catch (RuntimeException | Error ex) {
			throw ex;
		}
		catch (Throwable ex) {
			throw new IllegalStateException("Cannot return memory", ex);
		}
	}

}
