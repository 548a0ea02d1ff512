package dev.tomcorn.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.it.Exchange.Outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Workers killed by {@code kill -9}, with their connections and requests.
 */
final class Kills {

	/**
	 * A connection that the worker had taken but not counted yet.
	 */
	private static final int UNCOUNTED = 1;

	private final List<Kill> kills = new ArrayList<>();

	/**
	 * A killed worker.
	 *
	 * @param pid its process
	 * @param connections connections it had open, by the scoreboard
	 * @param requests requests it was serving
	 * @param goneAt reading of {@link System#nanoTime()} when the process had completely
	 * ended
	 */
	private record Kill(long pid, int connections, int requests, long goneAt) {
	}

	/**
	 * Kill a worker. It is stopped first while its figures are read, so that they are
	 * those of its death.
	 */
	void kill(FleetBoard board, long pid) {
		WorkerSlot slot = board.slotOf(pid);
		Processes.freeze(pid);
		int connections = slot.openConnections();
		int requests = slot.activeRequests();
		// KILL without the time that starting a process takes
		ProcessHandle.of(pid).orElseThrow().destroyForcibly();
		await("death").atMost(DemoProcess.PATIENCE)
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(5))
			.until(() -> Processes.gone(pid));
		this.kills.add(new Kill(pid, connections, requests, System.nanoTime()));
	}

	/**
	 * The same for requests whose worker is unknown: there are no more failures than
	 * connections of the killed workers, and none that began after the deaths.
	 */
	void accountUnattributed(List<PageLoad.Failed> failures) {
		long bound = bound();
		Figures.print("  %d workers killed with up to %d connections; %d requests failed: %s", this.kills.size(), bound,
				failures.size(), failures);
		assertThat(failures).as("failures")
			.allSatisfy((failure) -> assertThat(failure.outcome()).isIn(Outcome.RESET, Outcome.CLOSED_UNANSWERED))
			.allSatisfy((failure) -> assertThat(this.kills)
				.anyMatch((kill) -> !failure.onNewConnection() || failure.begun() < kill.goneAt()));
		assertThat((long) failures.size()).as("failures, against the connections in dead hands")
			.isLessThanOrEqualTo(bound);
	}

	/**
	 * Return how many requests the killed workers were serving.
	 */
	long requests() {
		return this.kills.stream().mapToLong(Kill::requests).sum();
	}

	private long bound() {
		return this.kills.stream().mapToLong((kill) -> kill.connections() + UNCOUNTED).sum();
	}

	int count() {
		return this.kills.size();
	}

	boolean killed(long pid) {
		return this.kills.stream().anyMatch((kill) -> kill.pid() == pid);
	}

	/**
	 * Every failure is of a connection of a killed worker.
	 */
	void account(MixedTally tally) {
		account(tally.failures());
	}

	/**
	 * Every failure is of a connection of a killed worker.
	 */
	void account(List<Failure> failures) {
		long known = failures.stream().filter((failure) -> !failure.onNewConnection()).count();
		long bound = bound();
		Figures.print(
				"  %d workers killed with %d connections and %d requests in flight; "
						+ "%d requests failed: %d on connections known to be theirs, %d on new ones",
				this.kills.size(), this.kills.stream().mapToLong(Kill::connections).sum(),
				this.kills.stream().mapToLong(Kill::requests).sum(), failures.size(), known, failures.size() - known);
		assertThat(failures).as("failures")
			.allSatisfy((failure) -> assertThat(failure.outcome()).isIn(Outcome.RESET, Outcome.CLOSED_UNANSWERED))
			.allSatisfy((failure) -> assertThat(failure.onNewConnection() || killed(failure.server()))
				.as("of a killed worker")
				.isTrue())
			// No connection that begins after a death fails because of it. On a
			// connection that a client still considers open, one more request fails
			.allSatisfy((failure) -> assertThat(this.kills).anyMatch((kill) -> failure.onNewConnection()
					? failure.begun() < kill.goneAt() : failure.server() == kill.pid()));
		this.kills
			.forEach((kill) -> assertThat(failures.stream().filter((failure) -> failure.server() == kill.pid()).count())
				.as("failures on kept connections of process %d", kill.pid())
				.isLessThanOrEqualTo(kill.connections()));
		assertThat((long) failures.size()).as("failures, against the connections in dead hands")
			.isLessThanOrEqualTo(bound);
	}

}
