package dev.tomcorn.core.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;

import org.jspecify.annotations.Nullable;

/**
 * A function of the C library with up to six integers and pointers as arguments. On
 * 64-bit Linux each of them is in a register of its own, whatever its size. So all
 * functions are called in the same way, with six arguments of 64 bits: the JVM generates
 * about twenty classes for each kind of function, which every boot would pay for.
 * <p>
 * Some calls must not fail. So there is a method for each number of arguments, and none
 * with an array or memory of its own: of a call, only the JDK's check of the memory for
 * {@code errno} allocates, one small object. The memory behind a pointer must stay
 * allocated until the call returns.
 */
public final class CFunction {

	private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;

	private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();

	private static final Linker LINKER = Linker.nativeLinker();

	private static final MethodHandle CALL = LINKER.downcallHandle(
			FunctionDescriptor.of(WORD, WORD, WORD, WORD, WORD, WORD, WORD), Linker.Option.captureCallState("errno"));

	/**
	 * Takes {@code errno} of all calls whose caller does not read it.
	 */
	private static final MemorySegment UNREAD_STATE = callState(Arena.global());

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
	 * Call the function without arguments.
	 * @param callState takes {@code errno}, see {@link #callState}
	 * @return the result, a pointer as its address
	 */
	public long call(MemorySegment callState) {
		return invoke(callState, 0, 0, 0, 0, 0, 0, 0);
	}

	/**
	 * Call the function without arguments and without regard to {@code errno}.
	 * @return the result, a pointer as its address
	 */
	public long call() {
		return invoke(UNREAD_STATE, 0, 0, 0, 0, 0, 0, 0);
	}

	/**
	 * Call the function with one argument.
	 * @param callState takes {@code errno}, see {@link #callState}
	 * @param first its first argument, a pointer as its address
	 * @return the result, a pointer as its address
	 */
	public long call(MemorySegment callState, long first) {
		return invoke(callState, 1, first, 0, 0, 0, 0, 0);
	}

	/**
	 * Call the function with one argument and without regard to {@code errno}.
	 * @param first its first argument, a pointer as its address
	 * @return the result, a pointer as its address
	 */
	public long call(long first) {
		return invoke(UNREAD_STATE, 1, first, 0, 0, 0, 0, 0);
	}

	/**
	 * Call the function with two arguments.
	 * @param callState takes {@code errno}, see {@link #callState}
	 * @param first its first argument, a pointer as its address
	 * @param second its second argument
	 * @return the result, a pointer as its address
	 */
	public long call(MemorySegment callState, long first, long second) {
		return invoke(callState, 2, first, second, 0, 0, 0, 0);
	}

	/**
	 * Call the function with two arguments and without regard to {@code errno}.
	 * @param first its first argument, a pointer as its address
	 * @param second its second argument
	 * @return the result, a pointer as its address
	 */
	public long call(long first, long second) {
		return invoke(UNREAD_STATE, 2, first, second, 0, 0, 0, 0);
	}

	/**
	 * Call the function with three arguments.
	 * @param callState takes {@code errno}, see {@link #callState}
	 * @param first its first argument, a pointer as its address
	 * @param second its second argument
	 * @param third its third argument
	 * @return the result, a pointer as its address
	 */
	public long call(MemorySegment callState, long first, long second, long third) {
		return invoke(callState, 3, first, second, third, 0, 0, 0);
	}

	/**
	 * Call the function with three arguments and without regard to {@code errno}.
	 * @param first its first argument, a pointer as its address
	 * @param second its second argument
	 * @param third its third argument
	 * @return the result, a pointer as its address
	 */
	public long call(long first, long second, long third) {
		return invoke(UNREAD_STATE, 3, first, second, third, 0, 0, 0);
	}

	/**
	 * Call the function with four arguments.
	 * @param callState takes {@code errno}, see {@link #callState}
	 * @param first its first argument, a pointer as its address
	 * @param second its second argument
	 * @param third its third argument
	 * @param fourth its fourth argument
	 * @return the result, a pointer as its address
	 */
	public long call(MemorySegment callState, long first, long second, long third, long fourth) {
		return invoke(callState, 4, first, second, third, fourth, 0, 0);
	}

	/**
	 * Call the function with four arguments and without regard to {@code errno}.
	 * @param first its first argument, a pointer as its address
	 * @param second its second argument
	 * @param third its third argument
	 * @param fourth its fourth argument
	 * @return the result, a pointer as its address
	 */
	public long call(long first, long second, long third, long fourth) {
		return invoke(UNREAD_STATE, 4, first, second, third, fourth, 0, 0);
	}

	/**
	 * Call the function with five arguments.
	 * @param callState takes {@code errno}, see {@link #callState}
	 * @param first its first argument, a pointer as its address
	 * @param second its second argument
	 * @param third its third argument
	 * @param fourth its fourth argument
	 * @param fifth its fifth argument
	 * @return the result, a pointer as its address
	 */
	public long call(MemorySegment callState, long first, long second, long third, long fourth, long fifth) {
		return invoke(callState, 5, first, second, third, fourth, fifth, 0);
	}

	/**
	 * Call the function with five arguments and without regard to {@code errno}.
	 * @param first its first argument, a pointer as its address
	 * @param second its second argument
	 * @param third its third argument
	 * @param fourth its fourth argument
	 * @param fifth its fifth argument
	 * @return the result, a pointer as its address
	 */
	public long call(long first, long second, long third, long fourth, long fifth) {
		return invoke(UNREAD_STATE, 5, first, second, third, fourth, fifth, 0);
	}

	/**
	 * Call the function with six arguments.
	 * @param callState takes {@code errno}, see {@link #callState}
	 * @param first its first argument, a pointer as its address
	 * @param second its second argument
	 * @param third its third argument
	 * @param fourth its fourth argument
	 * @param fifth its fifth argument
	 * @param sixth its sixth argument
	 * @return the result, a pointer as its address
	 */
	public long call(MemorySegment callState, long first, long second, long third, long fourth, long fifth,
			long sixth) {
		return invoke(callState, 6, first, second, third, fourth, fifth, sixth);
	}

	/**
	 * Call the function with six arguments and without regard to {@code errno}.
	 * @param first its first argument, a pointer as its address
	 * @param second its second argument
	 * @param third its third argument
	 * @param fourth its fourth argument
	 * @param fifth its fifth argument
	 * @param sixth its sixth argument
	 * @return the result, a pointer as its address
	 */
	public long call(long first, long second, long third, long fourth, long fifth, long sixth) {
		return invoke(UNREAD_STATE, 6, first, second, third, fourth, fifth, sixth);
	}

	private long invoke(MemorySegment callState, int arguments, long first, long second, long third, long fourth,
			long fifth, long sixth) {
		if (arguments != this.type.parameterCount()) {
			throw new IllegalArgumentException("%d arguments for a function %s".formatted(arguments, this.type));
		}
		try {
			long result = (long) CALL.invokeExact(this.address, callState, first, second, third, fourth, fifth, sixth);
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

}
