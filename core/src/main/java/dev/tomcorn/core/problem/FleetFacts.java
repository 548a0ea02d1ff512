package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.List;

import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.scoreboard.ListenerQueue;
import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.jspecify.annotations.Nullable;

/**
 * The facts about a fleet at one moment, without judgement.
 *
 * @param now a reading of {@link System#nanoTime()}
 * @param clock the time in milliseconds of the epoch
 * @param workerClass how each worker runs requests
 * @param timeout silence after which a worker is replaced, zero for never
 * @param gracefulTimeout longest time for which a draining worker waits for its requests
 * @param queue the kernel's queue, or {@code null} if unknown
 * @param report the arbiter's report
 * @param workers the workers that have not ended
 * @param machine the machine, or the container
 */
record FleetFacts(long now, long clock, String workerClass, Duration timeout, Duration gracefulTimeout,
		ListenerQueue.@Nullable Reading queue, FleetReport report, List<WorkerView> workers, MachineFacts machine) {

	FleetFacts {
		workers = List.copyOf(workers);
	}

	/**
	 * A worker as the arbiter sees it.
	 *
	 * @param index its index
	 * @param pid its process id
	 * @param state what it does
	 * @param stoppedFor for how long a signal has stopped it, zero if none has
	 * @param silence for how long it has been silent, zero if it is not
	 * @param trouble why it is silent, if it knows
	 * @param answers whether it has reported recently although it is silent
	 * @param capacity how many requests it runs at once, 0 until it is known
	 * @param running requests that run
	 * @param waiting requests that wait in it
	 * @param queueMillis mean time that requests recently waited in it, in milliseconds
	 * @param cpuRatio CPUs that it uses
	 * @param heapMax maximum size of its heap, in bytes
	 * @param descriptors its open file descriptors, and their limit
	 * @param reported the facts that it has reported
	 * @param inState for how long it has been observed in its state
	 * @param exitCaller the code that ended it, such as {@code PaymentJob.java:41}, or
	 * empty
	 * @param connections its open connections of clients
	 */
	record WorkerView(int index, long pid, WorkerState state, Duration stoppedFor, Duration silence, Trouble trouble,
			boolean answers, int capacity, int running, int waiting, double queueMillis, double cpuRatio, long heapMax,
			Level descriptors, WorkerFacts reported, Duration inState, String exitCaller, int connections) {

		/**
		 * Return whether its application's code is ending it.
		 */
		boolean endsItself() {
			return this.state == WorkerState.DRAINING && !this.exitCaller.isEmpty();
		}

		/**
		 * Return whether it has booted.
		 */
		boolean booted() {
			return this.state == WorkerState.READY || this.state == WorkerState.STANDBY
					|| this.state == WorkerState.DRAINING;
		}

	}

	/**
	 * The use of a limited resource.
	 *
	 * @param used the amount in use
	 * @param limit the limit, 0 if there is none or it is unknown
	 */
	record Level(long used, long limit) {

		static final Level UNKNOWN = new Level(0, 0);

		double percent() {
			return (this.limit > 0) ? 100.0 * this.used / this.limit : 0;
		}

	}

	/**
	 * The machine, or the container.
	 *
	 * @param cpus CPUs that the fleet may use
	 * @param cpu the recent use of the CPU
	 * @param memory memory of the control group
	 * @param disks the disks that the fleet writes to
	 * @param clockJump by how much the clock has jumped since the last reading
	 */
	record MachineFacts(int cpus, Cpu cpu, Level memory, List<Disk> disks, Duration clockJump) {

		MachineFacts {
			disks = List.copyOf(disks);
		}

	}

	/**
	 * The recent use of the CPU, in shares from 0 to 1.
	 *
	 * @param busy share of the time in which it was busy
	 * @param stolen share that other virtual machines took
	 * @param throttled upper bound of the share of the time in which a limit throttled
	 * the fleet
	 */
	record Cpu(double busy, double stolen, double throttled) {

		static final Cpu UNKNOWN = new Cpu(0, 0, 0);

	}

	/**
	 * A directory to which the fleet writes.
	 *
	 * @param purpose its purpose
	 * @param path the directory
	 * @param free free bytes of the disk
	 * @param size bytes of the disk
	 */
	record Disk(String purpose, String path, long free, long size) {

		/**
		 * Return whether the disk counts as full. A small disk, such as the shared memory
		 * of a container, counts as full if less than half of it is free.
		 * @param limit bytes that must be free
		 */
		boolean isFull(long limit) {
			return this.free < needed(limit);
		}

		/**
		 * Return how many bytes must be free, at most half of the disk.
		 * @param limit bytes that must be free on a large disk
		 */
		long needed(long limit) {
			return Math.min(limit, this.size / 2);
		}

	}

}
