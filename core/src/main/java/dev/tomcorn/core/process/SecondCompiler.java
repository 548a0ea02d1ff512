package dev.tomcorn.core.process;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.tomcorn.core.foreign.JvmFlag;
import org.jspecify.annotations.Nullable;

/**
 * The second compiler of this JVM (C2). Much of the CPU time of a boot is its own, mostly
 * for code that nothing runs afterwards. No option makes it begin later. So it is held
 * back by {@code TieredStopAtLevel}, a flag of the JVM that it reads each time it decides
 * about the compilation of a method. Meanwhile the first compiler counts how often its
 * code runs, so that the second compiler finds what is hot when it is released.
 */
public final class SecondCompiler {

	private static final String LEVEL = "TieredStopAtLevel";

	private static final String TIERED = "TieredCompilation";

	private static final String MODE = "CompilationMode";

	private static final String OTHER_COMPILER = "UseJVMCICompiler";

	/**
	 * Compiled by the first compiler, with counters of calls and loops.
	 */
	private static final long COUNTED = 2;

	/**
	 * Compiled by the second compiler.
	 */
	private static final long OPTIMIZED = 4;

	/**
	 * The version of Java whose use of the flag is known.
	 */
	private static final int JAVA = 25;

	/**
	 * Longest time without the second compiler. An application that takes longer to start
	 * may compute something.
	 */
	private static final Duration LIMIT = Duration.ofSeconds(30);

	/**
	 * Tells a worker whether to hold it back. The name is not that of the property, which
	 * Boot would read from it.
	 */
	private static final String VARIABLE = "TOMCORN_SECOND_COMPILER";

	private static final String WAITS = "waits";

	private static final String RUNS = "runs";

	/**
	 * Static like the flag, of which a JVM has one.
	 */
	private static final AtomicBoolean held = new AtomicBoolean();

	private final JvmFlag level;

	private final CountDownLatch released = new CountDownLatch(1);

	private SecondCompiler(JvmFlag level) {
		this.level = level;
	}

	/**
	 * Return the environment variables of a worker.
	 * @param deferred whether it holds its second compiler back while it boots
	 * @return names and values
	 */
	public static Map<String, String> toEnvironment(boolean deferred) {
		// Also if it runs: the arbiter may have inherited the variable
		return Map.of(VARIABLE, deferred ? WAITS : RUNS);
	}

	/**
	 * Return whether a worker holds its second compiler back.
	 * @param environment environment variables of the worker
	 * @return whether it does
	 */
	public static boolean isDeferred(Map<String, String> environment) {
		return WAITS.equals(environment.get(VARIABLE));
	}

	/**
	 * Hold the second compiler back, once in the life of this JVM. It is released after
	 * 30 seconds at the latest.
	 * @return releases it, or {@code null} if it was not held back: the JVM or the CPU is
	 * another one, the user has chosen the compilers, or this method was called before
	 */
	public static @Nullable SecondCompiler hold() {
		return hold(LIMIT);
	}

	/**
	 * Hold the second compiler back.
	 * @param limit the longest time
	 */
	static @Nullable SecondCompiler hold(Duration limit) {
		// On other CPUs the first compiler's code depends on whether the second one is
		// used
		if (Runtime.version().feature() != JAVA || !System.getProperty("os.name").equals("Linux")
				|| !System.getProperty("os.arch").equals("amd64") || !held.compareAndSet(false, true)) {
			return null;
		}
		Map<String, JvmFlag> flags = JvmFlag.find(Set.of(LEVEL, TIERED, MODE, OTHER_COMPILER));
		JvmFlag level = flags.get(LEVEL);
		if (level == null || level.number() != OPTIMIZED || !isDefault(flags)) {
			return null;
		}
		SecondCompiler compiler = new SecondCompiler(level);
		try {
			Thread.ofPlatform().daemon().name("tomcorn-compiler").start(() -> compiler.releaseAfter(limit));
		}
		catch (OutOfMemoryError ex) {
			// No further thread can start, so nothing would release it
			return null;
		}
		compiler.begin();
		return compiler;
	}

	private static boolean isDefault(Map<String, JvmFlag> flags) {
		JvmFlag tiered = flags.get(TIERED);
		JvmFlag mode = flags.get(MODE);
		JvmFlag other = flags.get(OTHER_COMPILER);
		return tiered != null && tiered.isOn() && mode != null && mode.text().equals("default")
				&& (other == null || !other.isOn());
	}

	/**
	 * Hold it back, unless its time is over already: this process may have been frozen.
	 */
	private synchronized void begin() {
		if (this.released.getCount() > 0) {
			this.level.set(COUNTED);
		}
	}

	private void releaseAfter(Duration limit) {
		try {
			this.released.await(limit.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			// Release it now
		}
		release();
	}

	/**
	 * Release the second compiler, if it is not released yet.
	 */
	public synchronized void release() {
		this.level.set(OPTIMIZED);
		this.released.countDown();
	}

}
