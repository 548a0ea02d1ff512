package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.Set;

import dev.tomcorn.core.arbiter.ProblemKind;

/**
 * Limits from which something counts as a problem.
 *
 * @param ignored kinds that are not reported
 * @param workerStopped time for which a signal has stopped a worker
 * @param workerSilent time for which a worker has been silent
 * @param carriersHeld time for which all carriers of a worker have been held
 * @param longRequest time for which an unusual request has run
 * @param queueWait time for which a connection waits for a place
 * @param deaths time for which a death is reported
 * @param outOfMemory number of requests that failed with an {@code OutOfMemoryError}
 * @param heapAfterGc used percent of a heap after a collection
 * @param fileDescriptors open percent of the descriptors of a process
 * @param memoryLimit used percent of the memory of the control group
 * @param cpuTaken percent of the CPU that other processes or a limit take
 * @param connectionPool time for which requests have waited for a connection
 * @param diskFree free bytes below which a disk counts as full
 * @param clockJump length of a jump of the clock
 * @param endAfter time without a finding after which a problem has ended
 * @param remembered time for which an ended problem is reported
 */
public record ProblemSettings(Set<ProblemKind> ignored, Duration workerStopped, Duration workerSilent,
		Duration carriersHeld, Duration longRequest, Duration queueWait, Duration deaths, int outOfMemory,
		int heapAfterGc, int fileDescriptors, int memoryLimit, int cpuTaken, Duration connectionPool, long diskFree,
		Duration clockJump, Duration endAfter, Duration remembered) {

	/**
	 * The defaults of the properties.
	 */
	public static final ProblemSettings DEFAULT = new ProblemSettings(Set.of(), Duration.ofSeconds(1),
			Duration.ofSeconds(5), Duration.ofSeconds(3), Duration.ofSeconds(10), Duration.ofSeconds(1),
			Duration.ofMinutes(10), 1, 90, 90, 95, 30, Duration.ofSeconds(5), 64L * 1024 * 1024, Duration.ofSeconds(5),
			Duration.ofSeconds(10), Duration.ofMinutes(10));

	public ProblemSettings {
		ignored = Set.copyOf(ignored);
	}

	/**
	 * Return how long a problem must be absent before it counts as ended. A problem that
	 * cannot fluctuate ends at once.
	 */
	Duration end(ProblemKind kind) {
		return switch (kind) {
			case ARBITER_SILENT, WORKER_STOPPED, DEADLOCK, BOOT_FAILURE, CRASH_LOOP, LONG_REQUEST, WORKER_DEATHS ->
				Duration.ZERO;
			case WORKER_SILENT, CARRIERS_HELD, PLACES_BUSY, OUT_OF_MEMORY, HEAP_FULL, FILE_DESCRIPTORS, MEMORY_LIMIT,
					CPU_TAKEN, CONNECTION_POOL, DISK_FULL, CLOCK_JUMP ->
				this.endAfter;
		};
	}

	/**
	 * Return how long a finding must last before it counts as a problem, in addition to
	 * its own limit.
	 */
	static Duration begin(ProblemKind kind) {
		return switch (kind) {
			case PLACES_BUSY, HEAP_FULL, MEMORY_LIMIT -> Duration.ofSeconds(3);
			case CPU_TAKEN -> Duration.ofSeconds(20);
			// A stopped worker that is being killed is silent for a moment
			case WORKER_SILENT -> Duration.ofSeconds(2);
			case ARBITER_SILENT, WORKER_STOPPED, CARRIERS_HELD, DEADLOCK, BOOT_FAILURE, CRASH_LOOP, WORKER_DEATHS,
					LONG_REQUEST, OUT_OF_MEMORY, FILE_DESCRIPTORS, CONNECTION_POOL, DISK_FULL, CLOCK_JUMP ->
				Duration.ZERO;
		};
	}

}
