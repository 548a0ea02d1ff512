package dev.tomcorn.core.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * A function of the C library with up to six integers and pointers as arguments. On
 * 64-bit Linux each of them is in a register of its own, whatever its size. So all
 * functions are called in the same way, with six arguments of 64 bits: the JVM generates
 * about twenty classes for each kind of function, which every boot would pay for.
 */
public final class CFunction {

	private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;

	private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();

	private static final Linker LINKER = Linker.nativeLinker();

	private static final MethodHandle CALL = LINKER.downcallHandle(
			FunctionDescriptor.of(WORD, WORD, WORD, WORD, WORD, WORD, WORD), Linker.Option.captureCallState("errno"));

	private static final int MOST_ARGUMENTS = 6;

	private final MemorySegment address;

	private final MethodType type;

	private CFunction(MemorySegment address, MethodType type) {
		if (type.parameterCount() > MOST_ARGUMENTS) {
			throw new IllegalArgumentException("Too many arguments: " + type);
		}
		this.address = address;
		this.type = type;
	}

	/**
	 * Return a function.
	 * @param name its name
	 * @param result type of its result: {@code int}, {@code long}, or
	 * {@link MemorySegment} for a pointer
	 * @param arguments types of its arguments, which can also be {@code short}
	 * @return the function
	 * @throws java.util.NoSuchElementException if the library does not have it
	 */
	public static CFunction of(String name, Class<?> result, Class<?>... arguments) {
		return new CFunction(LINKER.defaultLookup().findOrThrow(name), MethodType.methodType(result, arguments));
	}

	/**
	 * Return a function that not every C library has.
	 * @param name its name
	 * @param result type of its result
	 * @param arguments types of its arguments
	 * @return the function, or {@code null} if the library does not have it
	 */
	public static @Nullable CFunction find(String name, Class<?> result, Class<?>... arguments) {
		return LINKER.defaultLookup()
			.find(name)
			.map((address) -> new CFunction(address, MethodType.methodType(result, arguments)))
			.orElse(null);
	}

	/**
	 * Allocate the memory in which a call stores {@code errno}.
	 * @param arena the arena of the memory
	 * @return the memory
	 */
	public static MemorySegment callState(Arena arena) {
		return arena.allocate(CALL_STATE);
	}

	/**
	 * Return the {@code errno} of a call that has failed.
	 * @param callState the memory that was given to the call
	 * @return the number of the error
	 */
	public static int errno(MemorySegment callState) {
		return callState.get(ValueLayout.JAVA_INT, 0);
	}

	/**
	 * Call the function.
	 * @param callState takes {@code errno}, see {@link #callState}
	 * @param arguments the arguments, pointers as {@link MemorySegment#address()}. Their
	 * memory must stay allocated until this method returns
	 * @return the result, a pointer as its address
	 */
	public long call(MemorySegment callState, long... arguments) {
		if (arguments.length != this.type.parameterCount()) {
			throw new IllegalArgumentException("%d arguments for a function %s".formatted(arguments.length, this.type));
		}
		long[] words = Arrays.copyOf(arguments, MOST_ARGUMENTS);
		try {
			long result = (long) CALL.invokeExact(this.address, callState, words[0], words[1], words[2], words[3],
					words[4], words[5]);
			// The upper half of a register with an int is undefined
			return (this.type.returnType() == int.class) ? (int) result : result;
		}
		catch (RuntimeException | Error ex) {
			throw ex;
		}
		catch (Throwable ex) {
			throw new IllegalStateException("A call of the C library failed", ex);
		}
	}

	/**
	 * Call the function without regard to {@code errno}.
	 * @param arguments the arguments, as for {@link #call(MemorySegment, long...)}
	 * @return the result, a pointer as its address
	 */
	public long call(long... arguments) {
		try (Arena arena = Arena.ofConfined()) {
			return call(callState(arena), arguments);
		}
	}

}
