package dev.tomcorn.actuate;

import java.time.Instant;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.arbiter.FleetHistory;
import dev.tomcorn.core.scoreboard.WorkerFigures;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.jspecify.annotations.Nullable;

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
 * @param latency time of the requests that ended in the last ten seconds, {@code null} if
 * none did
 * @param queueTime the part of it in which they waited in the worker, {@code null} if
 * none ended
 * @param oldestRequest the request in flight that came first, {@code null} if there is
 * none
 * @param busyRatio share of its capacity that requests took up in the last ten seconds,
 * from 0 to 1
 * @param cpuRatio CPU time over the last second, in seconds; more than 1 on several CPUs
 * @param residentBytes physical memory that the process occupies, in bytes
 * @param heapBytes used heap, garbage included, in bytes
 * @param heapMaxBytes maximum size of the heap, in bytes
 * @param gcRatio share of the last five seconds in which garbage collection paused it
 * @param virtualThreads the JDK's scheduler of virtual threads, {@code null} where it
 * provides no figures
 * @param restarts how many workers of this index were replaced, by cause
 * @param lastExit the last worker of this index that ended, {@code null} if none has
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record WorkerDescriptor(int index, long pid, WorkerState state, int generation, long age, Instant startedAt,
		long bootMillis, int activeRequests, int waitingRequests, int openConnections, long handledRequests,
		long heartbeatAgeMillis, boolean silent, boolean leader, int capacity, double requestsPerSecond,
		long failedRequests, @Nullable LatencyDescriptor latency, @Nullable QueueTimeDescriptor queueTime,
		@Nullable OldestRequestDescriptor oldestRequest, double busyRatio, double cpuRatio, long residentBytes,
		long heapBytes, long heapMaxBytes, double gcRatio, @Nullable VirtualThreadsDescriptor virtualThreads,
		Map<ExitCause, Long> restarts, @Nullable ExitDescriptor lastExit) {

	private static final double DECIMALS = 1e4;

	static WorkerDescriptor of(WorkerSlot slot, FleetHistory history) {
		WorkerFigures figures = slot.figures();
		FleetHistory.Place place = history.places()
			.stream()
			.filter((candidate) -> candidate.index() == slot.index())
			.findFirst()
			.orElse(null);
		int activeRequests = slot.activeRequests();
		return new WorkerDescriptor(slot.index(), slot.pid(), slot.state(), slot.generation(), slot.age(),
				slot.startedAt(), slot.bootTime().toMillis(), activeRequests, slot.waiting(), slot.openConnections(),
				slot.handledRequests(), slot.heartbeatAge().toMillis(), slot.isSilent(), slot.leader(), slot.capacity(),
				rounded(figures.requestsPerSecond()), slot.failedRequests(), LatencyDescriptor.of(figures.latency()),
				QueueTimeDescriptor.of(figures.queueTime()),
				(activeRequests > 0) ? OldestRequestDescriptor.of(figures.oldestRequest()) : null,
				rounded(figures.busyRatio()), rounded(figures.cpuRatio()), slot.residentMemory(), slot.heapUsed(),
				slot.heapMax(), rounded(figures.gcRatio()), VirtualThreadsDescriptor.of(figures.virtualThreads()),
				(place != null) ? place.restarts() : Map.of(),
				(place != null) ? ExitDescriptor.of(place.lastExit()) : null);
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

		static @Nullable LatencyDescriptor of(WorkerFigures.@Nullable Latency latency) {
			return (latency == null) ? null : new LatencyDescriptor(rounded(latency.meanMillis()),
					rounded(latency.p50Millis()), rounded(latency.p99Millis()), rounded(latency.maxMillis()));
		}

	}

	/**
	 * Time that requests waited in the worker: for a thread, and for the worker's limit.
	 *
	 * @param meanMillis mean in milliseconds
	 * @param maxMillis longest in milliseconds
	 */
	public record QueueTimeDescriptor(double meanMillis, double maxMillis) {

		static @Nullable QueueTimeDescriptor of(WorkerFigures.@Nullable QueueTime time) {
			return (time == null) ? null
					: new QueueTimeDescriptor(rounded(time.meanMillis()), rounded(time.maxMillis()));
		}

	}

	/**
	 * A request in flight.
	 *
	 * @param id its number in the worker
	 * @param method its method
	 * @param path its path, without a query string
	 * @param ageMillis how old it is, in milliseconds
	 * @param frame the application's innermost frame in its last stack sample,
	 * {@code null} if there is no sample
	 */
	@JsonInclude(JsonInclude.Include.ALWAYS)
	public record OldestRequestDescriptor(long id, String method, String path, long ageMillis, @Nullable String frame) {

		static @Nullable OldestRequestDescriptor of(WorkerFigures.@Nullable OldestRequest request) {
			return (request == null) ? null : new OldestRequestDescriptor(request.id(), request.method(),
					request.path(), request.age().toMillis(), request.frame().isEmpty() ? null : request.frame());
		}

	}

	/**
	 * The JDK's scheduler of virtual threads.
	 *
	 * @param mounted virtual threads that have a carrier
	 * @param queued virtual threads that wait for one
	 * @param parallelism target number of carriers
	 * @param pinned times that a virtual thread was pinned to its carrier, {@code null}
	 * where that is not counted
	 */
	@JsonInclude(JsonInclude.Include.ALWAYS)
	public record VirtualThreadsDescriptor(int mounted, long queued, int parallelism, @Nullable Long pinned) {

		static @Nullable VirtualThreadsDescriptor of(WorkerFigures.@Nullable VirtualThreads threads) {
			return (threads == null) ? null : new VirtualThreadsDescriptor(threads.mounted(), threads.queued(),
					threads.parallelism(), (threads.pinned() >= 0) ? threads.pinned() : null);
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
