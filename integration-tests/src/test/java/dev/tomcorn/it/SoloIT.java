package dev.tomcorn.it;

import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * One worker and no arbiter: the application in the JVM that the user started.
 */
class SoloIT {

	private static final int EXIT_BY_TERM = 128 + 15;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@Test
	void runsInOneProcessAndDrainsAtTerm() {
		DemoProcess app = this.apps.start(Launch.workers(1, "gevent"));
		Fleet fleet = app.awaitWhole(1);
		assertThat(fleet.arbiter()).isNull();
		assertThat(app.get("/actuator/workers")).contains("\"arbiter\":null");
		assertThat(fleet.worker(0).pid()).isEqualTo(app.pid());
		assertThat(app.tree()).containsExactly(app.pid());
		assertThat(app.lines("Arbiter")).isEmpty();

		long stoppedAt;
		Tally tally;
		try (LoadGenerator.Load load = app.load().start(12, 4, "/io?ms=100")) {
			await("load").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().size() > 100);
			stoppedAt = System.nanoTime();
			app.signal("TERM");
			assertThat(app.awaitExit()).isEqualTo(EXIT_BY_TERM);
			tally = load.stop();
		}
		tally.print("TERM solo, 12 kept and 4 new connections at a time");
		Tally ofKept = tally.only((exchange) -> exchange.before() != null);
		Tally ofNew = tally.only((exchange) -> exchange.before() == null);
		Figures.print("  on kept connections: %s", ofKept);
		Figures.print("  on new connections: %s", ofNew);
		ofKept.assertAllOk(ofKept.size());
		assertThat(tally.count(Outcome.TIMED_OUT) + tally.count(Outcome.WRONG_ANSWER)
				+ tally.count(Outcome.CLOSED_UNANSWERED))
			.isZero();
		// What waits in the kernel's queue is reset with the listening socket
		assertThat(ofNew.failures().exchanges()).allMatch((exchange) -> exchange.ended() > stoppedAt);
	}

}
