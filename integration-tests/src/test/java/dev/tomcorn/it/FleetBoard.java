package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;

import static org.awaitility.Awaitility.await;

/**
 * The scoreboard of a running fleet, read from its file. It needs no request, so tests
 * can read it at any time.
 */
final class FleetBoard {

	private final Scoreboard scoreboard;

	private FleetBoard(Scoreboard scoreboard) {
		this.scoreboard = scoreboard;
	}

	/**
	 * Open the scoreboard of a running fleet.
	 * @param parent its {@code tomcorn.run-directory}
	 */
	static FleetBoard in(Path parent) {
		try (Stream<Path> fleets = Files.list(parent)) {
			return new FleetBoard(Scoreboard.open(WorkerIdentity.scoreboard(fleets.findFirst().orElseThrow())));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Open the scoreboard of an arbiter, also if its file has been removed.
	 */
	static FleetBoard of(long arbiter) {
		try {
			return new FleetBoard(
					Scoreboard.open(WorkerIdentity.scoreboard(Path.of("/proc", Long.toString(arbiter))), arbiter));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return the processes of living workers in a state, by their index.
	 */
	SortedMap<Integer, Long> in(WorkerState state) {
		SortedMap<Integer, Long> found = new TreeMap<>();
		this.scoreboard.slots()
			.stream()
			.filter((slot) -> slot.state() == state && slot.pid() != 0 && !Processes.gone(slot.pid()))
			.forEach((slot) -> found.put(slot.index(), slot.pid()));
		return found;
	}

	WorkerSlot slotOf(long pid) {
		return this.scoreboard.slots()
			.stream()
			.filter((slot) -> slot.state() != WorkerState.VACANT && slot.pid() == pid)
			.findFirst()
			.orElseThrow();
	}

	List<Long> ready() {
		return this.scoreboard.slots()
			.stream()
			.filter((slot) -> slot.state() == WorkerState.READY)
			.map(WorkerSlot::pid)
			.toList();
	}

	/**
	 * Return how many requests have ended. This sends no request.
	 */
	long handledRequests() {
		return this.scoreboard.totals().handledRequests();
	}

	/**
	 * Return how many requests each worker runs.
	 */
	SortedMap<Long, Integer> runningByPid() {
		SortedMap<Long, Integer> running = new TreeMap<>();
		this.scoreboard.slots()
			.stream()
			.filter((slot) -> slot.state() != WorkerState.VACANT)
			.forEach((slot) -> running.put(slot.pid(), slot.runningRequests()));
		return running;
	}

	/**
	 * Wait until no worker has a connection. By then every request is counted that was
	 * answered on a connection which its client has closed.
	 */
	void awaitIdle() {
		await("idle workers").atMost(DemoProcess.PATIENCE)
			.pollInterval(DemoProcess.POLL_INTERVAL)
			.pollDelay(Duration.ZERO)
			.until(() -> this.scoreboard.slots()
				.stream()
				.filter((slot) -> slot.state() != WorkerState.VACANT)
				.mapToInt(WorkerSlot::openConnections)
				.sum(), (connections) -> connections == 0);
	}

	/**
	 * Return the arbiter's current problems.
	 */
	List<Problem> problems() {
		return FleetReport.ofBytes(this.scoreboard.notice()).problems().stream().filter(Problem::ongoing).toList();
	}

	int target() {
		return this.scoreboard.targetWorkers();
	}

	/**
	 * Wait until the target number of workers takes traffic, with none of those that are
	 * dead.
	 */
	void awaitFullStrength() {
		await("full strength").atMost(DemoProcess.PATIENCE).until(this::atFullStrength);
	}

	boolean atFullStrength() {
		return ready().stream().filter((pid) -> !Processes.gone(pid)).count() >= target();
	}

}
