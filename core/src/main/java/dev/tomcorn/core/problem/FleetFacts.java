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
 * @param gracefulTimeout how long a worker that ends waits for its requests
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
	 * @param index its place
	 * @param pid its process id
	 * @param state what it does
	 * @param stoppedFor how long a signal has stopped it, zero if none has
	 * @param silence for how long it has been silent, zero if it is not
	 * @param trouble why it is silent, if it has noticed
	 * @param answers whether it has reported something lately although it is silent
	 * @param capacity how many requests it runs at once, 0 until it is known
	 * @param running requests that run
	 * @param waiting requests that wait in it
	 * @param queueMillis how long requests waited in it lately
	 * @param cpuRatio CPUs that it keeps busy
	 * @param heapMax how far its heap can grow
	 * @param descriptors files and connections that it has open, and how many it may
	 * @param reported what it has reported
	 * @param inState for how long it has been in its state, as far as that was seen
	 * @param exitCaller whose code has ended it, such as {@code PaymentJob.java:41}, or
	 * empty
	 * @param connections connections of clients that it has open
	 */
	record WorkerView(int index, long pid, WorkerState state, Duration stoppedFor, Duration silence, Trouble trouble,
			boolean answers, int capacity, int running, int waiting, double queueMillis, double cpuRatio, long heapMax,
			Level descriptors, WorkerFacts reported, Duration inState, String exitCaller, int connections) {

		/**
		 * Return whether code of its application is ending it.
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
	 * How much of something there is in use.
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
	 * @param clockJump by how much the clock was set since the last reading
	 */
	record MachineFacts(int cpus, Cpu cpu, Level memory, List<Disk> disks, Duration clockJump) {

		MachineFacts {
			disks = List.copyOf(disks);
		}

	}

	/**
	 * The recent use of the CPU, in shares from 0 to 1.
	 *
	 * @param busy share in which it was busy
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
	 * @param free bytes that are free
	 * @param size bytes that the disk has
	 */
	record Disk(String purpose, String path, long free, long size) {

		/**
		 * Return whether the disk counts as full. A small one, such as the shared memory
		 * of a container, may be smaller than the limit. It is full if less than half of
		 * it is free.
		 * @param limit bytes that must be free
		 */
		boolean isFull(long limit) {
			return this.free < Math.min(limit, this.size / 2);
		}

	}

}
