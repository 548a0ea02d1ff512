package dev.tomcorn.it;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * {@code kill -9} of one worker after the other.
 */
class KillIT {

	private static final Duration INTERVAL = Duration.ofSeconds(2);

	private static final Duration GAP = Duration.ofMillis(100);

	private static final Duration LONGEST_GAP = Duration.ofSeconds(1);

	private static final int STANDBY_KILLS = 5;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@Test
	void killedWorkersLoseOnlyWhatTheyHadInTheirHands(@TempDir Path runDirectory) {
		DemoProcess app = this.apps
			.start(Launch.faults(4, "gevent").arguments("--tomcorn.run-directory=" + runDirectory));
		app.awaitWarm(4);
		FleetBoard board = FleetBoard.in(runDirectory);
		Random random = new Random(ChaosScale.seed());
		Kills kills = new Kills();
		MixedTally tally;
		MixedLoad.Clients clients = MixedLoad.to(app.port()).work(20).rate(400);
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(500);
			long end = System.nanoTime() + ChaosScale.killing().toNanos();
			long next = System.nanoTime();
			while (next < end) {
				awaitTime(next);
				next += INTERVAL.toNanos();
				// A slot may not tell yet that its worker is dead
				List<Long> ready = board.ready().stream().filter((pid) -> !Processes.gone(pid)).toList();
				// Somebody is to serve on
				if (ready.size() > 1) {
					kills.kill(board, ready.get(random.nextInt(ready.size())));
				}
			}
			load.awaitMore(500);
			tally = load.stop();
		}
		this.table.add("kill -9 of %d workers, one every 2 s, %s".formatted(kills.count(), clients), tally);
		assertThat(kills.count()).isPositive();
		kills.account(tally);
		app.awaitWhole(4);
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();
	}

	/**
	 * The time of the reap is that of the arbiter's line about the death. The time of the
	 * takeover is that of its line about the standby; the strength is read from the
	 * scoreboard every millisecond as well.
	 */
	@Test
	void standbyTakesOverWithin100MillisecondsOfTheReap(@TempDir Path runDirectory) {
		DemoProcess app = this.apps.start(
				Launch.faults(2, "gevent").arguments("--tomcorn.standby=1", "--tomcorn.run-directory=" + runDirectory));
		awaitWholeWithStandby(app);
		FleetBoard board = FleetBoard.in(runDirectory);
		Kills kills = new Kills();
		List<Long> takeovers = new ArrayList<>();
		List<Long> sinceReap = new ArrayList<>();
		List<Long> sinceKill = new ArrayList<>();
		MixedTally tally;
		MixedLoad.Clients clients = MixedLoad.to(app.port()).work(20).rate(400);
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(500);
			for (int i = 0; i < STANDBY_KILLS; i++) {
				awaitWholeWithStandby(app);
				long victim = board.ready().get(i % 2);
				kills.kill(board, victim);
				Instant killed = Instant.now();
				Instant full = awaitFullStrengthWithout(board, victim);
				sinceKill.add(Duration.between(killed, full).toMillis());
				takeovers.add(takeover(app, victim).toMillis());
				sinceReap.add(Duration.between(reapTime(app, victim), full).toMillis());
				load.awaitMore(200);
			}
			tally = load.stop();
		}
		this.table.add("kill -9 of %d workers of 2 with a standby, %s".formatted(STANDBY_KILLS, clients), tally);
		Figures.print("  takeover by the arbiter's log so many ms after the reap: %s; full strength seen so many ms "
				+ "after the reap: %s, after the death: %s", takeovers, sinceReap, sinceKill);
		kills.account(tally);
		assertThat(takeovers).as("ms from the reap to each takeover, by the arbiter's log")
			.hasSize(STANDBY_KILLS)
			.allSatisfy((millis) -> assertThat(millis).isBetween(0L, GAP.toMillis()));
		// The median and a longer bound for each: any one may have waited for a CPU, as
		// may who looks
		assertThat(sinceReap.stream().sorted().toList().get(STANDBY_KILLS / 2)).as("ms from the reap to full strength")
			.isLessThanOrEqualTo(GAP.toMillis());
		assertThat(sinceReap).as("ms from each reap to full strength")
			.allSatisfy((millis) -> assertThat(millis).isLessThan(LONGEST_GAP.toMillis()));
	}

	private static void awaitWholeWithStandby(DemoProcess app) {
		app.awaitFleet((fleet) -> fleet.workers().size() == 3
				&& fleet.workers().stream().filter(Fleet.Worker::ready).count() == 2
				&& fleet.workers().stream().filter((worker) -> worker.state().equals("STANDBY")).count() == 1);
	}

	private static Instant awaitFullStrengthWithout(FleetBoard board, long victim) {
		await("full strength").atMost(DemoProcess.PATIENCE)
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(1))
			.until(() -> board.ready().stream().filter((pid) -> pid != victim).count() >= board.target());
		return Instant.now();
	}

	private static Instant reapTime(DemoProcess app, long pid) {
		return time(app.awaitLine("(?m)^(\\S+) .*\\(pid %d\\) ended unexpectedly".formatted(pid)).group(1));
	}

	/**
	 * Return how long the arbiter took to let the standby serve for a dead worker. No
	 * other worker has ended between the two lines, and no other standby served.
	 */
	private static Duration takeover(DemoProcess app, long pid) {
		Matcher lines = app.awaitLine(("(?m)^(\\S+) .*\\(pid %d\\) ended unexpectedly.*\\R"
				+ "(?:(?!.*(?: ended unexpectedly| serves now, )).*\\R)*"
				+ "(\\S+) .* serves now, no longer standing by")
			.formatted(pid));
		return Duration.between(time(lines.group(1)), time(lines.group(2)));
	}

	private static Instant time(String stamp) {
		return OffsetDateTime.parse(stamp).toInstant();
	}

	private static void awaitTime(long nanoTime) {
		try {
			TimeUnit.NANOSECONDS.sleep(nanoTime - System.nanoTime());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
