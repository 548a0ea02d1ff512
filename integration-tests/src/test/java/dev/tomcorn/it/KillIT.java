package dev.tomcorn.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * {@code kill -9} of one worker after the other, in a fleet with a standby.
 */
class KillIT {

	private static final int WORKERS = ChaosScale.workers();

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@Test
	void standbyTakesOverAndOnlyWhatTheDeadHadInTheirHandsIsLost(@TempDir Path runDirectory) {
		DemoProcess app = this.apps.start(Launch.faults(WORKERS, "gevent")
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.standby=1",
					"--tomcorn.run-directory=" + runDirectory));
		awaitWholeWithStandby(app);
		FleetBoard board = FleetBoard.in(runDirectory);
		Kills kills = new Kills();
		MixedTally tally;
		MixedLoad.Clients clients = ChaosScale.load(app.port()).work(20);
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(2 * ChaosScale.some());
			for (int i = 0; i < ChaosScale.kills(); i++) {
				standbyTakesOver(app, board, kills, i % WORKERS);
				load.awaitMore(ChaosScale.some());
			}
			killWheneverOneMayBeSpared(board, kills, load);
			tally = load.awaitMore(ChaosScale.some()).stop();
		}
		this.table.add("kill -9 of %d workers of %d with a standby, %s".formatted(kills.count(), WORKERS, clients),
				tally);
		kills.account(tally);
		awaitWholeWithStandby(app);
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();
	}

	/**
	 * The next event after the death is that the standby serves: no client waits for a
	 * boot.
	 */
	private static void standbyTakesOver(DemoProcess app, FleetBoard board, Kills kills, int which) {
		Fleet.Worker standby = awaitWholeWithStandby(app);
		long victim = board.ready().get(which);
		kills.kill(board, victim);
		app.awaitLine(
				"Worker %d \\(pid %d\\) serves now, no longer standing by".formatted(standby.index(), standby.pid()));
		await("full strength").atMost(DemoProcess.PATIENCE)
			.until(() -> board.ready().contains(standby.pid()) && board.atFullStrength());
		assertThat(app.output()
			.lines()
			.dropWhile((line) -> !line.contains("(pid %d) ended unexpectedly".formatted(victim)))
			.filter((line) -> line.contains(" ready in ") || line.contains(" serves now"))
			.findFirst()).as("next after the death of %d", victim)
			.hasValueSatisfying((line) -> assertThat(line)
				.contains("(pid %d) serves now, no longer standing by".formatted(standby.pid())));
	}

	private static Fleet.Worker awaitWholeWithStandby(DemoProcess app) {
		return app
			.awaitFleet((fleet) -> fleet.workers().size() == WORKERS + 1
					&& fleet.workers().stream().filter(Fleet.Worker::ready).count() == WORKERS
					&& fleet.workers().stream().anyMatch(KillIT::isStandby))
			.workers()
			.stream()
			.filter(KillIT::isStandby)
			.findFirst()
			.orElseThrow();
	}

	private static boolean isStandby(Fleet.Worker worker) {
		return worker.state().equals("STANDBY");
	}

	private static void killWheneverOneMayBeSpared(FleetBoard board, Kills kills, MixedLoad load) {
		Random random = new Random(ChaosScale.seed());
		for (int i = 0; i < ChaosScale.quickKills(); i++) {
			// Another worker must serve. A slot may not show yet that its worker is dead
			List<Long> ready = await("more than one that serves").atMost(DemoProcess.PATIENCE)
				.pollInterval(Duration.ofMillis(20))
				.pollDelay(Duration.ZERO)
				.until(() -> board.ready().stream().filter((pid) -> !Processes.gone(pid)).toList(),
						(alive) -> alive.size() > 1);
			kills.kill(board, ready.get(random.nextInt(ready.size())));
			load.awaitMore(random.nextInt(100));
		}
	}

}
