package dev.tomcorn.core.process;

import dev.tomcorn.core.foreign.CFunction;
import org.jspecify.annotations.Nullable;

/**
 * The heap of the C library in this process.
 */
public final class NativeHeap {

	/**
	 * Only glibc has it.
	 */
	private static final @Nullable CFunction TRIM = CFunction.find("malloc_trim", int.class, long.class);

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
		if (TRIM != null) {
			TRIM.call(0);
		}
	}

}
