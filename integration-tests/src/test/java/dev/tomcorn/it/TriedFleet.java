package dev.tomcorn.it;

import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.tomcorn.core.scoreboard.WorkerState;
import org.jspecify.annotations.Nullable;

import static org.awaitility.Awaitility.await;

/**
 * A fleet of the fault campaign, whichever arbiter it has.
 */
final class TriedFleet {

	private static final Pattern ARBITER = Pattern.compile("Arbiter \\(pid (\\d+)\\) listening on");

	private static final Duration STEADY = Duration.ofMillis(600);

	private static final Duration POLL_INTERVAL = Duration.ofMillis(300);

	private final DemoProcess app;

	private final int standby;

	private FleetBoard board;

	private long arbiter;

	private TriedFleet(DemoProcess app, int standby) {
		this.app = app;
		this.standby = standby;
		this.arbiter = app.arbiterPid();
		this.board = FleetBoard.of(this.arbiter);
	}

	/**
	 * Start a fleet.
	 * @param standby number of workers that stand by
	 */
	static TriedFleet start(FaultStage stage, DemoApps apps, int workers, int standby) {
		DemoProcess app = stage.start(apps, workers, standby);
		app.awaitFleet((fleet) -> fleet.whole(workers) || standby > 0);
		TriedFleet fleet = new TriedFleet(app, standby);
		fleet.awaitQuiet();
		return fleet;
	}

	DemoProcess app() {
		return this.app;
	}

	FleetBoard board() {
		return this.board;
	}

	long arbiter() {
		return this.arbiter;
	}

	int standby() {
		return this.standby;
	}

	void signal(String signal) {
		Processes.signal(signal, this.arbiter);
	}

	Set<Long> workers() {
		Set<Long> workers = new TreeSet<>(this.board.in(WorkerState.READY).values());
		workers.addAll(this.board.in(WorkerState.STANDBY).values());
		workers.addAll(this.board.in(WorkerState.DRAINING).values());
		return workers;
	}

	/**
	 * Return all arbiters that there have been, the oldest first.
	 */
	private Stream<Long> announced() {
		return ARBITER.matcher(this.app.output()).results().map(TriedFleet::pid).distinct();
	}

	private static long pid(MatchResult result) {
		return Long.parseLong(result.group(1));
	}

	/**
	 * Return the arbiter that is to replace this one, once it exists.
	 */
	@Nullable Long successor() {
		// The one before may still be ending
		return announced().dropWhile((pid) -> pid != this.arbiter)
			.filter((pid) -> pid != this.arbiter && !Processes.gone(pid))
			.findFirst()
			.orElse(null);
	}

	/**
	 * Wait until all operations have ended and the fleet is complete, or until it has
	 * ended completely.
	 * @return the fleet, {@code null} if it has ended
	 */
	@Nullable Fleet awaitQuiet() {
		Fleet[] last = new Fleet[1];
		await("a whole and quiet fleet, or none").atMost(DemoProcess.PATIENCE)
			.pollDelay(Duration.ZERO)
			.pollInterval(POLL_INTERVAL)
			.during(STEADY)
			.ignoreExceptions()
			.until(() -> {
				last[0] = null;
				if (this.app.tree().isEmpty()) {
					return true;
				}
				String json = this.app.get("/actuator/workers");
				Fleet fleet = DemoProcess.fleet(json);
				last[0] = fleet;
				return isQuiet(fleet) && !json.contains("\"outcome\":\"RUNNING\"");
			});
		Fleet fleet = last[0];
		if (fleet != null && fleet.arbiter() != null && fleet.arbiter().pid() != this.arbiter) {
			this.arbiter = fleet.arbiter().pid();
			this.board = FleetBoard.of(this.arbiter);
		}
		return fleet;
	}

	private boolean isQuiet(Fleet fleet) {
		Fleet.Arbiter known = fleet.arbiter();
		Set<Long> expected = new TreeSet<>(fleet.pids());
		if (known == null) {
			return false;
		}
		expected.add(known.pid());
		return fleet.workers().stream().filter(Fleet.Worker::ready).count() == known.targetWorkers()
				&& fleet.workers().size() == known.targetWorkers() + this.standby
				&& fleet.workers().stream().allMatch((worker) -> worker.ready() || worker.state().equals("STANDBY"))
				&& new TreeSet<>(this.app.tree()).equals(expected);
	}

	/**
	 * Wait until the fleet has ended completely.
	 */
	void awaitEnd() {
		await("end of every process").atMost(DemoProcess.PATIENCE).until(() -> this.app.tree().isEmpty());
	}

}
