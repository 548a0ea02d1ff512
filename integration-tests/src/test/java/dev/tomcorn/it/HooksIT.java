package dev.tomcorn.it;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a listener in the arbiter and the application in a worker are told.
 */
class HooksIT {

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@Test
	void listenersAreToldOfAWorkersWholeLife() {
		DemoProcess app = this.apps
			.start(Launch.faults(1, "gevent").arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.max-requests=5"));
		long first = app.awaitWhole(1).worker(0).pid();
		app.awaitLine("Worker diary: ready, index 0");
		app.load().simultaneous(6, "/whoami").assertAllOk(6);
		app.awaitLine("Worker diary: recycling, max-requests \\(5\\) reached");
		app.awaitLine("Worker diary: draining, index 0");
		app.awaitLine("Fleet diary: WorkerExited\\[placement=.*, pid=%d, planned=true, ".formatted(first));
		app.signal("HUP");
		app.awaitLine("Fleet diary: ReloadEnded\\[generation=2, success=true");
		app.signal("TTIN");
		app.awaitLine("Fleet diary: Scaled\\[from=1, to=2\\]");
		app.signal("TERM");
		assertThat(app.awaitExit()).isZero();
		for (String event : new String[] { "Started[workers=1]", "WorkerSpawned[", "WorkerReady[", "WorkerRecycling[",
				"ReloadStarted[generation=2]", "Stopping[graceful=true]", "Halted[exitCode=0]" }) {
			assertThat(app.lines("Fleet diary: " + event)).as(event).isNotEmpty();
		}
		Figures.print("hooks: %d lines in the arbiter's diary, %d in those of the workers",
				app.lines("Fleet diary: ").size(), app.lines("Worker diary: ").size());
	}

}
