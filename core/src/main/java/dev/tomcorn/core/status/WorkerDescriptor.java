package dev.tomcorn.core.status;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.arbiter.FleetHistory;
import dev.tomcorn.core.scoreboard.WorkerFigures;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;

/**
 * A worker. Its own measurements are those of its last sample, which is at most a second
 * old unless the worker is silent.
 *
 * @param index its index in the fleet, from 0
 * @param pid its process id
 * @param state what it does
 * @param generation number of the load of the application that it runs
 * @param age its position in the order in which workers were spawned, from 1
 * @param startedAt when it was spawned
 * @param bootMillis time from spawn to ready in milliseconds, 0 until it is ready
 * @param activeRequests requests that have begun and not ended
 * @param waitingRequests requests that wait in it, those included that an executor has
 * and has not begun
 * @param openConnections connections it has taken and not closed
 * @param handledRequests requests that have ended
 * @param heartbeatAgeMillis time since it last showed that it is alive, in milliseconds
 * @param silent whether that is more than two seconds, unless it is still starting, see
 * {@link WorkerSlot#isSilent()}
 * @param leader whether it is the leader
 * @param capacity how many requests it runs at once, 0 until it is known
 * @param requestsPerSecond requests that ended per second over the last ten seconds
 * @param failedRequests requests that ended with a status of 500 or more or an exception
 * @param latency time of the requests that ended in the last ten seconds, empty if none
 * did
 * @param queueTime the part of it in which they waited in the worker, empty if none ended
 * @param oldestRequest the request in flight that came first, empty if there is none
 * @param busyRatio share of its capacity that requests took up in the last ten seconds,
 * from 0 to 1
 * @param cpuRatio CPU time over the last second, in seconds; more than 1 on several CPUs
 * @param residentBytes physical memory that the process occupies, in bytes
 * @param heapBytes used heap, garbage included, in bytes
 * @param heapMaxBytes maximum size of the heap, in bytes
 * @param gcRatio share of the last five seconds in which garbage collection paused it
 * @param virtualThreads the JDK's scheduler of virtual threads, empty where it provides
 * no figures
 * @param restarts how many workers of this index were replaced, by cause
 * @param lastExit the last worker of this index that ended, empty if none has
 */
public record WorkerDescriptor(int index, long pid, WorkerState state, int generation, long age, Instant startedAt,
		long bootMillis, int activeRequests, int waitingRequests, int openConnections, long handledRequests,
		long heartbeatAgeMillis, boolean silent, boolean leader, int capacity, double requestsPerSecond,
		long failedRequests, Optional<LatencyDescriptor> latency, Optional<QueueTimeDescriptor> queueTime,
		Optional<OldestRequestDescriptor> oldestRequest, double busyRatio, double cpuRatio, long residentBytes,
		long heapBytes, long heapMaxBytes, double gcRatio, Optional<VirtualThreadsDescriptor> virtualThreads,
		Map<ExitCause, Long> restarts, Optional<ExitDescriptor> lastExit) {

	private static final double DECIMALS = 1e4;

	/**
	 * Describe a worker.
	 * @param slot its slot
	 * @param history the history of the fleet
	 * @return the description
	 */
	public static WorkerDescriptor of(WorkerSlot slot, FleetHistory history) {
		WorkerFigures figures = slot.figures();
		Optional<FleetHistory.Place> place = history.places()
			.stream()
			.filter((candidate) -> candidate.index() == slot.index())
			.findFirst();
		int activeRequests = slot.activeRequests();
		return new WorkerDescriptor(slot.index(), slot.pid(), slot.state(), slot.generation(), slot.age(),
				slot.startedAt(), slot.bootTime().toMillis(), activeRequests, slot.waiting(), slot.openConnections(),
				slot.handledRequests(), slot.heartbeatAge().toMillis(), slot.isSilent(), slot.leader(), slot.capacity(),
				rounded(figures.requestsPerSecond()), slot.failedRequests(),
				Optional.ofNullable(figures.latency()).map(LatencyDescriptor::of),
				Optional.ofNullable(figures.queueTime()).map(QueueTimeDescriptor::of),
				Optional.ofNullable(figures.oldestRequest())
					.filter((_) -> activeRequests > 0)
					.map(OldestRequestDescriptor::of),
				rounded(figures.busyRatio()), rounded(figures.cpuRatio()), slot.residentMemory(), slot.heapUsed(),
				slot.heapMax(), rounded(figures.gcRatio()),
				Optional.ofNullable(figures.virtualThreads()).map(VirtualThreadsDescriptor::of),
				place.map(FleetHistory.Place::restarts).orElse(Map.of()),
				place.map(FleetHistory.Place::lastExit).map(ExitDescriptor::of));
	}

	/**
	 * Return a number rounded to four decimals, and 0 for one that JSON cannot represent.
	 */
	static double rounded(double number) {
		return Double.isFinite(number) ? Math.round(number * DECIMALS) / DECIMALS : 0;
	}

	/**
	 * Time of requests, from when the worker receives them to their end.
	 *
	 * @param meanMillis mean in milliseconds
	 * @param p50Millis median in milliseconds, at most 5 % off
	 * @param p99Millis 99th percentile in milliseconds, at most 5 % off
	 * @param maxMillis longest in milliseconds
	 */
	public record LatencyDescriptor(double meanMillis, double p50Millis, double p99Millis, double maxMillis) {

		static LatencyDescriptor of(WorkerFigures.Latency latency) {
			return new LatencyDescriptor(rounded(latency.meanMillis()), rounded(latency.p50Millis()),
					rounded(latency.p99Millis()), rounded(latency.maxMillis()));
		}

	}

	/**
	 * Time that requests waited in the worker: for a thread, and for the worker's limit.
	 *
	 * @param meanMillis mean in milliseconds
	 * @param maxMillis longest in milliseconds
	 */
	public record QueueTimeDescriptor(double meanMillis, double maxMillis) {

		/**
		 * Describe a time.
		 * @param time the time
		 * @return the description
		 */
		public static QueueTimeDescriptor of(WorkerFigures.QueueTime time) {
			return new QueueTimeDescriptor(rounded(time.meanMillis()), rounded(time.maxMillis()));
		}

	}

	/**
	 * A request in flight.
	 *
	 * @param id its number in the worker
	 * @param method its method
	 * @param path its path, without a query string
	 * @param ageMillis how old it is, in milliseconds
	 * @param frame the application's innermost frame in its last stack sample, empty if
	 * there is no sample
	 */
	public record OldestRequestDescriptor(long id, String method, String path, long ageMillis, Optional<String> frame) {

		static OldestRequestDescriptor of(WorkerFigures.OldestRequest request) {
			return new OldestRequestDescriptor(request.id(), request.method(), request.path(), request.age().toMillis(),
					FleetDescriptor.nonEmpty(request.frame()));
		}

	}

	/**
	 * The JDK's scheduler of virtual threads.
	 *
	 * @param mounted virtual threads that have a carrier
	 * @param queued virtual threads that wait for one
	 * @param parallelism target number of carriers
	 * @param pinned times that a virtual thread was pinned to its carrier, empty where
	 * that is not counted
	 */
	public record VirtualThreadsDescriptor(int mounted, long queued, int parallelism, Optional<Long> pinned) {

		static VirtualThreadsDescriptor of(WorkerFigures.VirtualThreads threads) {
			return new VirtualThreadsDescriptor(threads.mounted(), threads.queued(), threads.parallelism(),
					(threads.pinned() >= 0) ? Optional.of(threads.pinned()) : Optional.empty());
		}

	}

	/**
	 * The end of a worker.
	 *
	 * @param at when it was noticed
	 * @param cause what it died of, or why the arbiter ended it
	 * @param description how it ended, in words
	 */
	public record ExitDescriptor(Instant at, ExitCause cause, String description) {

		static ExitDescriptor of(FleetHistory.Exit exit) {
			return new ExitDescriptor(Instant.ofEpochMilli(exit.at()), exit.cause(), exit.description());
		}

	}

}
