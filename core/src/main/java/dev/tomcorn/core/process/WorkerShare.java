package dev.tomcorn.core.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import dev.tomcorn.core.arbiter.ArbiterSettings;

/**
 * One worker's share of the machine. A JVM sees the whole machine. The options of a share
 * make it choose the defaults for a machine of that size ({@code gcConfig.cpp} and
 * {@code os.cpp} of the JDK), unless the user has set them.
 *
 * @param processors CPUs, which may be less than one
 * @param memory memory in megabytes
 * @param heap largest heap in megabytes
 * @param workers how many workers share the machine, standbys included
 */
public record WorkerShare(double processors, long memory, long heap, int workers) {

	private static final long MEGABYTE = 1024 * 1024;

	/**
	 * Limits below which a JVM chooses the serial collector.
	 */
	private static final int SERVER_PROCESSORS = 2;

	private static final long SERVER_MEMORY = 1792;

	/**
	 * A full collection of the serial collector stops the worker for about a second per
	 * gigabyte of live objects.
	 */
	private static final long MAX_SERIAL_HEAP = 2048;

	/**
	 * Largest initial heap with the serial collector, in megabytes. A JVM takes a 64th of
	 * the memory, and a third of that for new objects, which is soon in use as a whole
	 * and is never returned.
	 */
	private static final int MAX_INITIAL_HEAP = 56;

	/**
	 * Percentages are given with four decimals.
	 */
	private static final double PERCENTAGE_STEPS = 10_000;

	private static final int TRIM_MILLIS = 5000;

	/**
	 * By default the serial collector returns nothing to the system after the first full
	 * collection, and everything after the fourth.
	 */
	private static final String SHRINK_AT_ONCE = "-XX:-ShrinkHeapInSteps";

	/**
	 * The version of Java that is known to have it. A JVM that does not know an option
	 * does not start.
	 */
	private static final int SHRINKS_AT_ONCE = 25;

	/**
	 * Options that choose a collector, by name or through one of its settings.
	 */
	private static final Pattern COLLECTOR = Pattern.compile("-XX:[+-]?(?:Use[A-Za-z0-9]*GC|G1|Z[A-Z]|Shenandoah"
			+ "|(?:Always|Never)ActAsServerClassMachine|InitiatingHeapOccupancyPercent"
			+ "|GCTimeRatio|MaxGCPauseMillis|GCPauseIntervalMillis|(?:Parallel|Conc)GCThreads).*"
			+ "|-XX:\\+AggressiveHeap", Pattern.DOTALL);

	private static final Pattern INITIAL_HEAP = Pattern
		.compile("-Xms.*|-XX:(?:InitialHeapSize|MinHeapSize|InitialRAMPercentage|InitialRAMFraction)=.*"
				+ "|-XX:\\+AggressiveHeap");

	private static final Pattern SHRINK = Pattern.compile("-XX:[+-]ShrinkHeapInSteps");

	private static final Pattern TRIM = Pattern.compile("-XX:TrimNativeHeapInterval=.*");

	/**
	 * Return the share of one worker of this machine, or of the container.
	 * @param settings how many workers there are
	 * @param options the JVM options of the workers
	 * @param memory all memory, in bytes
	 * @return the share
	 */
	public static WorkerShare of(ArbiterSettings settings, JvmOptions options, long memory) {
		int workers = settings.workers() + settings.standby();
		Runtime runtime = Runtime.getRuntime();
		long own = options.maxHeap();
		// The user's size applies to each worker
		long heap = (own != HeapSize.NONE) ? own
				: options.setHeapSize() ? runtime.maxMemory() : runtime.maxMemory() / workers;
		return new WorkerShare((double) runtime.availableProcessors() / settings.workers(), memory / workers / MEGABYTE,
				heap / MEGABYTE, workers);
	}

	/**
	 * Return the options that a worker gets for its share.
	 * @param given the user's JVM options
	 * @return the options, without those that the user has set
	 */
	public List<String> options(JvmOptions given) {
		return options(given, InitialHeap.percentage(), NativeHeap.canGiveBack(), Runtime.version().feature());
	}

	/**
	 * Return the options.
	 * @param given the user's JVM options
	 * @param initialHeap initial heap of a JVM in percent of the memory, 0 if it has none
	 * @param trims whether a JVM can return native memory
	 * @param java version of Java
	 */
	List<String> options(JvmOptions given, double initialHeap, boolean trims, int java) {
		List<String> options = new ArrayList<>();
		// An AOT cache requires the collector of its training run
		boolean serial = isSmall() && !given.useAotCache() && !given.has(COLLECTOR);
		if (serial) {
			options.add("-XX:+UseSerialGC");
			if (java == SHRINKS_AT_ONCE && !given.has(SHRINK)) {
				options.add(SHRINK_AT_ONCE);
			}
		}
		double share = initialHeap / this.workers;
		double percentage = serial ? Math.min(share, largestInitialHeap()) : share;
		if (percentage < initialHeap && !given.has(INITIAL_HEAP)) {
			options.add(String.format(Locale.ROOT, "-XX:InitialRAMPercentage=%.4f", percentage));
		}
		if (trims && !given.has(TRIM)) {
			options.add("-XX:TrimNativeHeapInterval=" + TRIM_MILLIS);
		}
		return options;
	}

	/**
	 * Return the largest initial heap in percent of all memory. Rounded down, because a
	 * JVM rounds the size up.
	 */
	private double largestInitialHeap() {
		double percentage = 100.0 * MAX_INITIAL_HEAP / ((this.memory + 1) * this.workers);
		return Math.floor(percentage * PERCENTAGE_STEPS) / PERCENTAGE_STEPS;
	}

	private boolean isSmall() {
		return (this.processors < SERVER_PROCESSORS || this.memory < SERVER_MEMORY) && this.heap <= MAX_SERIAL_HEAP;
	}

	/**
	 * Describe the share.
	 */
	@Override
	public String toString() {
		return String.format(Locale.ROOT, "%.1f CPUs and %d MB of memory", this.processors, this.memory);
	}

}
