package dev.tomcorn.core.problem;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerRecords;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates the fleet every second and notifies the arbiter when the list of problems
 * changes. It has a thread of its own, so that nothing it reads can delay supervision.
 */
public final class ProblemWatch implements AutoCloseable {

	private static final Duration INTERVAL = Duration.ofSeconds(1);

	private final ProblemRules rules;

	private final ProblemTracker tracker;

	private final ReportedFacts reported = new ReportedFacts();

	private final Consumer<Event> events;

	private final ArbiterLog log;

	private List<Problem> last = List.of();

	private boolean failing;

	private volatile @Nullable Thread thread;

	private volatile @Nullable DiskWatch disks;

	private volatile boolean closed;

	/**
	 * Create the watch.
	 * @param settings limits from which something counts as a problem
	 * @param events takes changes; must not block
	 * @param log where to report a failed evaluation
	 */
	public ProblemWatch(ProblemSettings settings, Consumer<Event> events, ArbiterLog log) {
		this.rules = new ProblemRules(settings);
		this.tracker = new ProblemTracker(settings);
		this.events = events;
		this.log = log;
	}

	/**
	 * Start the watch.
	 * @param scoreboard the scoreboard
	 * @param records the records of the workers
	 * @param workerClass how each worker runs requests
	 * @param timeout silence after which a worker is replaced, zero for never
	 * @param gracefulTimeout how long a worker that ends waits for its requests
	 * @param directories directories that the fleet writes to, by purpose
	 */
	public void start(Scoreboard scoreboard, WorkerRecords records, String workerClass, Supplier<Duration> timeout,
			Supplier<Duration> gracefulTimeout, Map<String, Path> directories) {
		DiskWatch newDisks = new DiskWatch(directories);
		this.disks = newDisks;
		FactReader reader = new FactReader(scoreboard, records, workerClass, timeout, gracefulTimeout, this.reported,
				ProcFiles.ofThisMachine(), new ControlGroup(Path.of("/")), newDisks::disks);
		this.thread = Thread.ofPlatform().daemon().name("tomcorn-problems").start(() -> run(reader));
	}

	private void run(FactReader reader) {
		while (!this.closed) {
			try {
				evaluate(reader.read(System.nanoTime(), System.currentTimeMillis()));
				this.failing = false;
			}
			catch (RuntimeException | Error ex) {
				if (!this.failing) {
					this.failing = true;
					this.log.log(Level.ERROR, "Cannot look for problems of the fleet: " + ex);
				}
			}
			LockSupport.parkNanos(INTERVAL.toNanos());
		}
	}

	/**
	 * Evaluate once.
	 */
	void evaluate(FleetFacts facts) {
		List<Finding> findings = this.rules.evaluate(facts, this.tracker::isOngoing);
		List<Problem> problems = this.tracker.take(findings,
				facts.workers().stream().map(FleetFacts.WorkerView::pid).collect(Collectors.toSet()), facts.now(),
				facts.clock());
		if (!problems.equals(this.last)) {
			this.last = problems;
			this.events.accept(new Event.Problems(problems));
		}
	}

	/**
	 * Take the report of a worker. Safe from any thread; does not block.
	 * @param age the worker
	 * @param facts its {@link WorkerFacts} as bytes
	 */
	public void report(long age, byte[] facts) {
		this.reported.take(age, facts, System.nanoTime());
	}

	@Override
	public void close() {
		this.closed = true;
		LockSupport.unpark(this.thread);
		DiskWatch currentDisks = this.disks;
		if (currentDisks != null) {
			currentDisks.close();
		}
	}

}
