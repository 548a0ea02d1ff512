package dev.tomcorn.it;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A fleet under a changing load, with the operations of an ordinary day:
 * {@code -Dchaos.calm-minutes=60} for an hour of it, {@code -Dchaos.seed} for the same
 * order again.
 */
@Order(1)
@EnabledIf(value = "dev.tomcorn.it.ChaosScale#hasCalm",
		disabledReason = "Is for -Dchaos.full=true or -Dchaos.calm-minutes")
class ChangingLoadIT {

	private static final int WORKERS = 2;

	private static final Duration SHORTEST_PHASE = Duration.ofSeconds(5);

	private static final Duration LONGEST_PHASE = Duration.ofSeconds(40);

	/**
	 * The clients, and other processes of the machine.
	 */
	private static final String TAKEN_BY_OTHERS = "Other processes of this machine use ";

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@Test
	void ordinaryDayHasNoProblem() {
		long seed = ChaosScale.seed();
		Random random = new Random(seed);
		Duration duration = ChaosScale.calm();
		Figures.print("a load that changes for %d s, repeat with -Dchaos.seed=%d", duration.toSeconds(), seed);
		DemoProcess app = this.apps.start(Launch.faults(WORKERS, "gevent"));
		app.awaitWarm(WORKERS);
		long end = System.nanoTime() + duration.toNanos();
		int phases = 0;
		while (System.nanoTime() < end) {
			MixedLoad.Clients clients = MixedLoad.to(app.port())
				.keepAlive(4 + random.nextInt(60))
				.newConnections(1 + random.nextInt(16))
				.work(random.nextInt(100))
				.rate(20 + random.nextInt(400));
			MixedTally tally;
			try (MixedLoad load = clients.start()) {
				operate(app, random.nextInt(12));
				sleep(SHORTEST_PHASE.plusMillis(random.nextLong(LONGEST_PHASE.toMillis())));
				tally = load.stop();
			}
			app.awaitWhole(WORKERS);
			this.table.add("phase %d: %s, %d a second".formatted(++phases, clients, clients.rate()), tally);
			assertThat(tally.failures()).as("failed requests").isEmpty();
			// Nights are quiet
			sleep(Duration.ofMillis(random.nextLong(SHORTEST_PHASE.toMillis())));
		}
		List<String> problems = app.lines(" Problem: ");
		Figures.print("problems in %d phases: %s", phases, problems);
		assertThat(problems).allMatch((line) -> line.contains(TAKEN_BY_OTHERS));
	}

	/**
	 * Perform an occasional operation.
	 */
	private static void operate(DemoProcess app, int choice) {
		switch (choice) {
			case 0 -> app.signal("HUP");
			case 1 -> {
				app.signal("TTIN");
				app.awaitFleet((fleet) -> fleet.whole(WORKERS + 1));
				app.signal("TTOU");
			}
			default -> {
			}
		}
	}

	private static void sleep(Duration duration) {
		try {
			TimeUnit.MILLISECONDS.sleep(duration.toMillis());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
