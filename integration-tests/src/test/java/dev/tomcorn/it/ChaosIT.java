package dev.tomcorn.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Anything that can happen to a fleet, in any order; {@code -Dchaos.minutes=30} for more
 * of it, {@code -Dchaos.seed} for the same order again.
 */
class ChaosIT {

	private static final int MIN_WORKERS = 2;

	private static final int MAX_WORKERS = 4;

	private static final long LONGEST_PAUSE_MILLIS = 3000;

	private static final int LONGEST_STOP_MILLIS = 4000;

	private static final int SHORTEST_STOP_MILLIS = 1000;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	private final Kills kills = new Kills();

	private final Map<Misfortune, Integer> happened = new EnumMap<>(Misfortune.class);

	/**
	 * What may happen.
	 */
	private enum Misfortune {

		KILL_WORKER, STOP_WORKER, TERM_WORKER, SCALE_UP, SCALE_DOWN, RELOAD, STOP_ARBITER

	}

	@Test
	void onlyKilledWorkersLoseRequestsWhateverHappens(@TempDir Path runDirectory) {
		long seed = ChaosScale.seed();
		Figures.print("chaos for %d s, repeat with -Dchaos.seed=%d", ChaosScale.random().toSeconds(), seed);
		DemoProcess app = this.apps
			.start(Launch.faults(3, "gevent").arguments("--tomcorn.run-directory=" + runDirectory));
		app.awaitWarm(3);
		FleetBoard board = FleetBoard.in(runDirectory);
		MixedTally tally;
		MixedLoad.Clients clients = MixedLoad.to(app.port()).keepAlive(32).newConnections(8).work(5).rate(300);
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(300);
			long end = System.nanoTime() + ChaosScale.random().toNanos();
			Random random = new Random(seed);
			while (System.nanoTime() < end) {
				Misfortune misfortune = Misfortune.values()[random.nextInt(Misfortune.values().length)];
				// Drawn whether needed or not, so that the order does not depend on the
				// moment
				int choice = random.nextInt(Integer.MAX_VALUE);
				long millis = random.nextLong(LONGEST_PAUSE_MILLIS);
				if (happen(misfortune, app, board, choice)) {
					this.happened.merge(misfortune, 1, Integer::sum);
				}
				sleep(millis);
			}
			quiet(app, board);
			tally = load.awaitMore(300).awaitRequests(2000).stop();
		}
		this.table.add("chaos for %d s, %s".formatted(ChaosScale.random().toSeconds(), clients), tally);
		Figures.print("  what happened: %s", this.happened);
		this.kills.account(tally);
		assertThat(tally.count(Outcome.OK)).isGreaterThan(1000);
		endsWhole(app, board, runDirectory);
	}

	private boolean happen(Misfortune misfortune, DemoProcess app, FleetBoard board, int choice) {
		List<Long> ready = board.ready().stream().filter((pid) -> !Processes.gone(pid)).sorted().toList();
		long victim = ready.isEmpty() ? 0 : ready.get(choice % ready.size());
		// Somebody is to serve on
		boolean spare = ready.size() > 1;
		int target = board.target();
		return switch (misfortune) {
			case KILL_WORKER -> spare && kill(board, victim);
			case STOP_WORKER -> spare && stopAndContinue(victim, choice);
			case TERM_WORKER -> spare && Processes.signalUnlessGone("TERM", victim);
			case SCALE_UP -> doIf(target < MAX_WORKERS, () -> app.signal("TTIN"));
			case SCALE_DOWN -> doIf(target > MIN_WORKERS && spare, () -> app.signal("TTOU"));
			case RELOAD -> doIf(true, () -> app.signal("HUP"));
			case STOP_ARBITER -> stopAndContinue(app.pid(), choice);
		};
	}

	private static boolean doIf(boolean possible, Runnable action) {
		if (possible) {
			action.run();
		}
		return possible;
	}

	/**
	 * A worker that is being replaced may end by itself meanwhile.
	 */
	private boolean kill(FleetBoard board, long victim) {
		try {
			this.kills.kill(board, victim);
			return true;
		}
		catch (RuntimeException ex) {
			if (!Processes.gone(victim)) {
				throw ex;
			}
			return false;
		}
	}

	private static boolean stopAndContinue(long pid, int choice) {
		if (!Processes.signalUnlessGone("STOP", pid)) {
			return false;
		}
		sleep(SHORTEST_STOP_MILLIS + choice % LONGEST_STOP_MILLIS);
		return Processes.signalUnlessGone("CONT", pid);
	}

	/**
	 * Wait until all that was begun has ended.
	 */
	private static void quiet(DemoProcess app, FleetBoard board) {
		await("a whole and quiet fleet").atMost(DemoProcess.PATIENCE.multipliedBy(2))
			.pollInterval(Duration.ofMillis(200))
			.during(Duration.ofSeconds(3))
			.ignoreExceptions()
			.until(() -> app.get("/actuator/workers"), (json) -> {
				Fleet fleet = DemoProcess.fleet(json);
				return fleet.whole(board.target()) && !json.contains("\"outcome\":\"RUNNING\"")
						&& fleet.workers().stream().map(Fleet.Worker::generation).distinct().count() == 1;
			});
	}

	private static void endsWhole(DemoProcess app, FleetBoard board, Path runDirectory) {
		Fleet fleet = app.awaitWhole(board.target());
		assertThat(Processes.zombiesOf(app.pid())).as("zombies").isEmpty();
		assertThat(app.tree()).as("the arbiter, its workers, and nobody else")
			.containsAll(fleet.pids())
			.hasSize(1 + fleet.pids().size());
		app.signal("TERM");
		assertThat(app.awaitExit()).as("exit code").isZero();
		assertThat(app.tree()).isEmpty();
		assertThat(runDirectory).isEmptyDirectory();
	}

	private static void sleep(long millis) {
		try {
			TimeUnit.MILLISECONDS.sleep(millis);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
