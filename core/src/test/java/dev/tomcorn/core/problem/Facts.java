package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.problem.FleetFacts.Cpu;
import dev.tomcorn.core.problem.FleetFacts.Disk;
import dev.tomcorn.core.problem.FleetFacts.Level;
import dev.tomcorn.core.problem.FleetFacts.MachineFacts;
import dev.tomcorn.core.problem.FleetFacts.WorkerView;
import dev.tomcorn.core.scoreboard.ListenerQueue;
import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.jspecify.annotations.Nullable;

/**
 * Facts of a fleet of two gthread workers with three places each. It has no problem
 * unless a test sets one.
 */
final class Facts {

	static final long NOW = 1_000_000_000_000L;

	/**
	 * 12:33:04 UTC.
	 */
	static final long CLOCK = 45_184_000L;

	static final long GIGABYTE = 1L << 30;

	private String workerClass = "gthread";

	private Duration timeout = Duration.ofSeconds(30);

	private ListenerQueue.@Nullable Reading queue = new ListenerQueue.Reading(0, 2048, Duration.ZERO);

	private FleetReport report = FleetReport.ofBytes(new byte[0]);

	private final List<WorkerView> workers = new ArrayList<>(List.of(worker(0), worker(1)));

	private Cpu cpu = new Cpu(0.3, 0, 0);

	private Level memory = new Level(GIGABYTE / 2, GIGABYTE);

	private List<Disk> disks = List.of(new Disk("incidents", "/tmp", GIGABYTE, 2 * GIGABYTE));

	private Duration clockJump = Duration.ZERO;

	private static WorkerView worker(int index) {
		return new WorkerView(index, 4711 + index, WorkerState.READY, Duration.ZERO, Duration.ofMillis(200),
				Trouble.NONE, true, 3, 1, 0, 0, 0.1, GIGABYTE, new Level(100, 1000), WorkerFacts.NONE,
				Duration.ofSeconds(20), "", 0);
	}

	Facts workerClass(String newWorkerClass) {
		this.workerClass = newWorkerClass;
		return this;
	}

	Facts timeout(Duration newTimeout) {
		this.timeout = newTimeout;
		return this;
	}

	Facts queue(int length, Duration wait) {
		this.queue = new ListenerQueue.Reading(length, 2048, wait);
		return this;
	}

	Facts report(FleetReport newReport) {
		this.report = newReport;
		return this;
	}

	Facts cpu(double busy, double stolen, double throttled) {
		this.cpu = new Cpu(busy, stolen, throttled);
		return this;
	}

	Facts memory(long used, long limit) {
		this.memory = new Level(used, limit);
		return this;
	}

	Facts disk(long free) {
		return disks(new Disk("incidents", "/tmp", free, 2 * GIGABYTE));
	}

	Facts disks(Disk... newDisks) {
		this.disks = List.of(newDisks);
		return this;
	}

	Facts clockJump(Duration jump) {
		this.clockJump = jump;
		return this;
	}

	Facts state(int index, WorkerState state) {
		return change(index,
				(w) -> new WorkerView(w.index(), w.pid(), state, w.stoppedFor(), w.silence(), w.trouble(), w.answers(),
						w.capacity(), w.running(), w.waiting(), w.queueMillis(), w.cpuRatio(), w.heapMax(),
						w.descriptors(), w.reported(), w.inState(), w.exitCaller(), w.connections()));
	}

	Facts inState(int index, Duration time) {
		return change(index,
				(w) -> new WorkerView(w.index(), w.pid(), w.state(), w.stoppedFor(), w.silence(), w.trouble(),
						w.answers(), w.capacity(), w.running(), w.waiting(), w.queueMillis(), w.cpuRatio(), w.heapMax(),
						w.descriptors(), w.reported(), time, w.exitCaller(), w.connections()));
	}

	Facts stopped(int index, Duration duration) {
		return change(index,
				(w) -> new WorkerView(w.index(), w.pid(), w.state(), duration, duration, w.trouble(), false,
						w.capacity(), w.running(), w.waiting(), w.queueMillis(), w.cpuRatio(), w.heapMax(),
						w.descriptors(), w.reported(), w.inState(), w.exitCaller(), w.connections()));
	}

	Facts silent(int index, Duration age, Trouble trouble, boolean answers) {
		return change(index,
				(w) -> new WorkerView(w.index(), w.pid(), w.state(), w.stoppedFor(), age, trouble, answers,
						w.capacity(), w.running(), w.waiting(), w.queueMillis(), w.cpuRatio(), w.heapMax(),
						w.descriptors(), w.reported(), w.inState(), w.exitCaller(), w.connections()));
	}

	Facts load(int index, int running, int waiting, double queueMillis, double cpuRatio) {
		return change(index,
				(w) -> new WorkerView(w.index(), w.pid(), w.state(), w.stoppedFor(), w.silence(), w.trouble(),
						w.answers(), w.capacity(), running, waiting, queueMillis, cpuRatio, w.heapMax(),
						w.descriptors(), w.reported(), w.inState(), w.exitCaller(), w.connections()));
	}

	Facts descriptors(int index, long used, long limit) {
		return change(index,
				(w) -> new WorkerView(w.index(), w.pid(), w.state(), w.stoppedFor(), w.silence(), w.trouble(),
						w.answers(), w.capacity(), w.running(), w.waiting(), w.queueMillis(), w.cpuRatio(), w.heapMax(),
						new Level(used, limit), w.reported(), w.inState(), w.exitCaller(), w.connections()));
	}

	Facts reported(int index, WorkerFacts told) {
		return change(index,
				(w) -> new WorkerView(w.index(), w.pid(), w.state(), w.stoppedFor(), w.silence(), w.trouble(),
						w.answers(), w.capacity(), w.running(), w.waiting(), w.queueMillis(), w.cpuRatio(), w.heapMax(),
						w.descriptors(), told, w.inState(), w.exitCaller(), w.connections()));
	}

	Facts exits(int index, String caller) {
		return change(index,
				(w) -> new WorkerView(w.index(), w.pid(), WorkerState.DRAINING, w.stoppedFor(), w.silence(),
						w.trouble(), w.answers(), w.capacity(), w.running(), w.waiting(), w.queueMillis(), w.cpuRatio(),
						w.heapMax(), w.descriptors(), w.reported(), w.inState(), caller, w.connections()));
	}

	Facts connections(int index, int connections) {
		return change(index,
				(w) -> new WorkerView(w.index(), w.pid(), w.state(), w.stoppedFor(), w.silence(), w.trouble(),
						w.answers(), w.capacity(), w.running(), w.waiting(), w.queueMillis(), w.cpuRatio(), w.heapMax(),
						w.descriptors(), w.reported(), w.inState(), w.exitCaller(), connections));
	}

	private Facts change(int index, UnaryOperator<WorkerView> change) {
		this.workers.set(index, change.apply(this.workers.get(index)));
		return this;
	}

	Facts none() {
		this.workers.clear();
		return this;
	}

	FleetFacts at(Duration later) {
		return new FleetFacts(NOW + later.toNanos(), CLOCK + later.toMillis(), this.workerClass, this.timeout,
				Duration.ofSeconds(30), this.queue, this.report, this.workers,
				new MachineFacts(2, this.cpu, this.memory, this.disks, this.clockJump));
	}

	FleetFacts now() {
		return at(Duration.ZERO);
	}

}
