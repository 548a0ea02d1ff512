package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.tomcorn.core.arbiter.PostedReport;
import dev.tomcorn.core.problem.FleetFacts.Disk;
import dev.tomcorn.core.problem.FleetFacts.Level;
import dev.tomcorn.core.problem.FleetFacts.MachineFacts;
import dev.tomcorn.core.problem.FleetFacts.WorkerView;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerFigures;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerRecords;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;

/**
 * Reads facts about a fleet from the scoreboard, the kernel's files and the reports of
 * workers. Asks no process. Used by one thread.
 */
final class FactReader {

	/**
	 * Counting the descriptors of a process takes long if there are many.
	 */
	private static final int DESCRIPTOR_READINGS = 5;

	/**
	 * Age of a report below which a silent worker still answers. Such a worker reports
	 * every second if it can.
	 */
	private static final Duration ANSWERS = Duration.ofSeconds(3);

	private final Scoreboard scoreboard;

	private final PostedReport report;

	private final String workerClass;

	private final Supplier<Duration> timeout;

	private final Supplier<Duration> gracefulTimeout;

	private final WorkerRecords records;

	private final ReportedFacts reported;

	private final ProcFiles processes;

	private final ControlGroup group;

	private final Supplier<List<Disk>> disks;

	private final CpuWatch cpu = new CpuWatch();

	private final Map<Long, Long> stoppedSince = new HashMap<>();

	private final Map<Long, Level> descriptors = new HashMap<>();

	private final Map<Long, InState> inState = new HashMap<>();

	private long readings;

	private long before;

	private long clockBefore;

	FactReader(Scoreboard scoreboard, WorkerRecords records, String workerClass, Supplier<Duration> timeout,
			Supplier<Duration> gracefulTimeout, ReportedFacts reported, ProcFiles processes, ControlGroup group,
			Supplier<List<Disk>> disks) {
		this.scoreboard = scoreboard;
		this.report = new PostedReport(scoreboard::notice);
		this.records = records;
		this.workerClass = workerClass;
		this.timeout = timeout;
		this.gracefulTimeout = gracefulTimeout;
		this.reported = reported;
		this.processes = processes;
		this.group = group;
		this.disks = disks;
	}

	/**
	 * A state, and when a worker was first seen in it.
	 */
	private record InState(WorkerState state, long since) {
	}

	FleetFacts read(long now, long clock) {
		List<WorkerSlot> slots = this.scoreboard.slots()
			.stream()
			.filter((slot) -> slot.state() != WorkerState.VACANT && slot.pid() != 0
					&& !this.processes.hasEnded(slot.pid()))
			.toList();
		Set<Long> pids = new HashSet<>(slots.stream().map(WorkerSlot::pid).toList());
		this.stoppedSince.keySet().retainAll(pids);
		this.descriptors.keySet().retainAll(pids);
		this.inState.keySet().retainAll(pids);
		this.reported.retain(slots.stream().map(WorkerSlot::age).collect(Collectors.toSet()));
		List<WorkerView> workers = slots.stream().map((slot) -> view(slot, now)).toList();
		MachineFacts machine = new MachineFacts(Runtime.getRuntime().availableProcessors(),
				this.cpu.sample(now, this.processes.cpu(), this.group.throttling()), this.group.memory(),
				this.disks.get(), jump(now, clock));
		this.readings++;
		return new FleetFacts(now, clock, this.workerClass, this.timeout.get(), this.gracefulTimeout.get(),
				this.scoreboard.listenerQueue().reading(), this.report.get(), workers, machine);
	}

	private WorkerView view(WorkerSlot slot, long now) {
		long pid = slot.pid();
		if (this.processes.isStopped(pid)) {
			this.stoppedSince.putIfAbsent(pid, now);
		}
		else {
			this.stoppedSince.remove(pid);
		}
		Long since = this.stoppedSince.get(pid);
		// At least 1: it counts as stopped from the first reading on
		Duration stoppedFor = (since != null) ? Duration.ofNanos(Math.max(1, now - since)) : Duration.ZERO;
		if (this.readings % DESCRIPTOR_READINGS == 0) {
			this.descriptors.put(pid, this.processes.descriptors(pid));
		}
		WorkerState state = slot.state();
		InState seen = this.inState.get(pid);
		if (seen == null || seen.state() != state) {
			seen = new InState(state, now);
			this.inState.put(pid, seen);
		}
		WorkerFigures figures = slot.figures();
		return new WorkerView(slot.index(), pid, state, stoppedFor, silence(slot, stoppedFor), slot.trouble(),
				this.reported.isFresh(slot.age(), now, ANSWERS), slot.capacity(), slot.runningRequests(),
				slot.waiting(), (figures.queueTime() != null) ? figures.queueTime().meanMillis() : 0,
				figures.cpuRatio(), slot.heapMax(), this.descriptors.getOrDefault(pid, Level.UNKNOWN),
				this.reported.of(slot.age()), Duration.ofNanos(now - seen.since()),
				(state == WorkerState.DRAINING) ? exitCaller(slot) : "", slot.openConnections());
	}

	private String exitCaller(WorkerSlot slot) {
		WorkerRecord written = this.records.of(slot.number(), slot.age());
		return (written != null) ? written.note(WorkerRecord.Note.EXIT_CALLER) : "";
	}

	/**
	 * Return how long a worker has been silent, if its slot says that it is.
	 */
	private static Duration silence(WorkerSlot slot, Duration stoppedFor) {
		return (slot.isSilent() || !stoppedFor.isZero()) ? slot.heartbeatAge() : Duration.ZERO;
	}

	/**
	 * Return by how much the clock was set since the last reading.
	 */
	private Duration jump(long now, long clock) {
		Duration jump = (this.readings == 0) ? Duration.ZERO
				: Duration.ofMillis(clock - this.clockBefore).minusNanos(now - this.before);
		this.before = now;
		this.clockBefore = clock;
		return jump;
	}

}
