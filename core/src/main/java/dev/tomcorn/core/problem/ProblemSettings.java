package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.Set;

import dev.tomcorn.core.arbiter.ProblemKind;

/**
 * Limits from which something counts as a problem.
 *
 * @param ignored kinds that are not reported
 * @param workerStopped how long a signal must have stopped a worker
 * @param workerSilent how long a worker must have been silent
 * @param carriersHeld how long all carriers of a worker must have been held
 * @param longRequest how long an unusual request must have run
 * @param queueWait how long a connection must wait for a place
 * @param deaths how long a death is reported
 * @param outOfMemory how many requests must have failed with an {@code OutOfMemoryError}
 * @param heapAfterGc percent of the heap that must be in use after a collection
 * @param fileDescriptors percent of the descriptors of a process that must be open
 * @param memoryLimit percent of the memory of the control group that must be in use
 * @param cpuTaken percent of the CPU that must be taken by others or by a limit
 * @param connectionPool how long requests must have waited for a connection
 * @param diskFree bytes below which a disk counts as full
 * @param clockJump by how much the clock must have been set
 * @param endAfter how long a problem must be gone before it counts as over
 * @param remembered how long an ended problem is reported
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
	 * Return how long a problem must be gone before it counts as over. A problem that
	 * cannot waver is over at once.
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
	 * Return how long something must last before it is a problem, beyond its own limit.
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
