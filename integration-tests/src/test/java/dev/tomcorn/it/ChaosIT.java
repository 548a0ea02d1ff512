package dev.tomcorn.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * All faults and operations of a fleet, in any order, also several at once;
 * {@code -Dchaos.minutes=30} for more of it, {@code -Dchaos.seed} for the same order
 * again. A build has {@link FaultCampaignIT} instead.
 */
@Order(1)
@EnabledIf(value = "dev.tomcorn.it.ChaosScale#hasRandom",
		disabledReason = "Is for -Dchaos.full=true or -Dchaos.minutes")
class ChaosIT {

	private static final int MIN_WORKERS = 2;

	private static final int MAX_WORKERS = 4;

	private static final long LONGEST_PAUSE_MILLIS = 2000;

	private static final int LONGEST_STOP_MILLIS = 4000;

	private static final int SHORTEST_STOP_MILLIS = 1000;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	private final Kills kills = new Kills();

	private final Map<ChaosAction, Integer> happened = new EnumMap<>(ChaosAction.class);

	/**
	 * The possible faults and operations.
	 */
	private enum ChaosAction {

		KILL_WORKER, STOP_WORKER, TERM_WORKER, SCALE_UP, SCALE_DOWN, RELOAD, STOP_ARBITER

	}

	@Test
	void onlyKilledWorkersLoseRequestsWhateverHappens(@TempDir Path runDirectory) {
		long seed = ChaosScale.seed();
		Figures.print("chaos: each action once, then %d s, repeat with -Dchaos.seed=%d",
				ChaosScale.random().toSeconds(), seed);
		DemoProcess app = this.apps
			.start(Launch.faults(MIN_WORKERS, "gevent").arguments("--tomcorn.run-directory=" + runDirectory));
		app.awaitWarm(MIN_WORKERS);
		FleetBoard board = FleetBoard.in(runDirectory);
		MixedTally tally;
		MixedLoad.Clients clients = MixedLoad.to(app.port()).keepAlive(24).newConnections(8).work(40).rate(60);
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(200);
			Random random = new Random(seed);
			List<ChaosAction> each = new ArrayList<>(List.of(ChaosAction.values()));
			Collections.shuffle(each, random);
			// With the fewest workers scale up
			if (each.indexOf(ChaosAction.SCALE_DOWN) < each.indexOf(ChaosAction.SCALE_UP)) {
				Collections.swap(each, each.indexOf(ChaosAction.SCALE_DOWN), each.indexOf(ChaosAction.SCALE_UP));
			}
			each.forEach((action) -> await(action.name()).atMost(DemoProcess.PATIENCE)
				.until(() -> happen(action, app, board, random)));
			long end = System.nanoTime() + ChaosScale.random().toNanos();
			while (System.nanoTime() < end) {
				happen(ChaosAction.values()[random.nextInt(ChaosAction.values().length)], app, board, random);
			}
			quiet(app, board);
			tally = load.awaitMore(200).stop();
		}
		this.table.add("chaos: %s, %s".formatted(this.happened, clients), tally);
		this.kills.account(tally);
		endsWhole(app, board, runDirectory);
	}

	/**
	 * Cause a fault or start an operation if it is possible now.
	 * @return whether it was possible
	 */
	private boolean happen(ChaosAction action, DemoProcess app, FleetBoard board, Random random) {
		// Always drawn, so that the order does not depend on the moment
		int choice = random.nextInt(Integer.MAX_VALUE);
		long millis = random.nextLong(LONGEST_PAUSE_MILLIS);
		boolean happened = happen(action, app, board, choice);
		if (happened) {
			this.happened.merge(action, 1, Integer::sum);
		}
		// The next one may come while this one is under way, or after it
		sleep(millis);
		return happened;
	}

	private boolean happen(ChaosAction action, DemoProcess app, FleetBoard board, int choice) {
		List<Long> ready = board.ready().stream().filter((pid) -> !Processes.gone(pid)).sorted().toList();
		long victim = ready.isEmpty() ? 0 : ready.get(choice % ready.size());
		// Another worker must serve
		boolean spare = ready.size() > 1;
		int target = board.target();
		return switch (action) {
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
	 * Wait until all operations have ended.
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
