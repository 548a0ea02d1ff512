package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.List;

import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.scoreboard.ListenerQueue;
import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a fleet at one moment. It judges nothing.
 *
 * @param now a reading of {@link System#nanoTime()}
 * @param clock the time in milliseconds of the epoch
 * @param workerClass how each worker runs requests
 * @param timeout silence after which a worker is replaced, zero for never
 * @param gracefulTimeout how long a worker that ends waits for its requests
 * @param queue the kernel's queue, or {@code null} if it is not known
 * @param report what the arbiter has posted
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
	 * @param trouble what keeps it from that, as far as it has noticed
	 * @param answers whether it has told something lately although it is silent
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
		 * Return whether it is of use, or was.
		 */
		boolean booted() {
			return this.state == WorkerState.READY || this.state == WorkerState.STANDBY
					|| this.state == WorkerState.DRAINING;
		}

	}

	/**
	 * How much of something there is in use.
	 *
	 * @param used what is in use
	 * @param limit what may be, 0 where there is no limit or nothing is known
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
	 * @param cpus how many CPUs the fleet may use
	 * @param cpu what became of the CPU lately
	 * @param memory memory of the control group
	 * @param disks where the fleet writes
	 * @param clockJump by how much the clock was set since the look before
	 */
	record MachineFacts(int cpus, Cpu cpu, Level memory, List<Disk> disks, Duration clockJump) {

		MachineFacts {
			disks = List.copyOf(disks);
		}

	}

	/**
	 * What became of the CPU lately, each a share from 0 to 1.
	 *
	 * @param busy share in which it was busy
	 * @param stolen share that other virtual machines took
	 * @param throttled share of the time in which a limit kept the fleet from it, at most
	 */
	record Cpu(double busy, double stolen, double throttled) {

		static final Cpu UNKNOWN = new Cpu(0, 0, 0);

	}

	/**
	 * A directory to which the fleet writes.
	 *
	 * @param purpose what for
	 * @param path the directory
	 * @param free bytes that are free
	 * @param size bytes that the disk has
	 */
	record Disk(String purpose, String path, long free, long size) {

		/**
		 * Return whether so little is free that the disk counts as full. A small one,
		 * such as the shared memory of a container, may have less than the limit when it
		 * is empty: it is full when less than half of it is free.
		 * @param limit bytes that are to be free
		 */
		boolean isFull(long limit) {
			return this.free < Math.min(limit, this.size / 2);
		}

	}

}
