package dev.tomcorn.it;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Workers that come and go under load, because the operator says so.
 */
class ScaleIT {

	private static final int FEW = 2;

	private static final int MANY = 6;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@Test
	void scalingUpAndDownLosesNoRequest() {
		DemoProcess app = this.apps.start(Launch.faults(FEW, "gevent").jvmOptions("-Xmx96m"));
		app.awaitWarm(FEW);
		int times = ChaosScale.scalings();
		MixedTally tally;
		MixedLoad.Clients clients = MixedLoad.to(app.port()).rate(500);
		try (MixedLoad load = clients.start()) {
			load.awaitRequests(500);
			for (int i = 0; i < times; i++) {
				scale(app, "TTIN", MANY);
				int served = FEW + (i + 1) * (MANY - FEW);
				await("an answer from every worker").atMost(DemoProcess.PATIENCE)
					.until(() -> load.soFar().byPid().size() >= served);
				load.awaitMore(500);
				scale(app, "TTOU", FEW);
				load.awaitMore(500);
			}
			tally = load.stop();
		}
		this.table.add("%d times from %d to %d workers and back, %s".formatted(times, FEW, MANY, clients), tally);
		tally.assertAllOk(1000);
		assertThat(tally.byPid()).as("workers that have served").hasSize(FEW + times * (MANY - FEW));
		assertThat(Processes.zombiesOf(app.pid())).isEmpty();
	}

	private static void scale(DemoProcess app, String signal, int target) {
		for (int i = 0; i < MANY - FEW; i++) {
			app.signal(signal);
			// Two signals of a kind that are pending at once are one
			int step = signal.equals("TTIN") ? FEW + i + 1 : MANY - i - 1;
			app.awaitFleet((fleet) -> fleet.arbiter() != null && fleet.arbiter().targetWorkers() == step);
		}
		app.awaitFleet((fleet) -> fleet.whole(target));
	}

}
