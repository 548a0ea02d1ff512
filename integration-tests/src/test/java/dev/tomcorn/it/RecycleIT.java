package dev.tomcorn.it;

import java.util.SortedMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Workers that are replaced because they have served enough.
 */
class RecycleIT {

	private static final int MAX_REQUESTS = 200;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@Test
	void workersWithMaxRequestsLoseNoRequest() {
		DemoProcess app = this.apps
			.start(Launch.faults(2, "gevent").arguments("--tomcorn.max-requests=" + MAX_REQUESTS));
		app.awaitWhole(2);
		int recyclings = ChaosScale.recyclings();
		// Kept connections and none that is new: those that recycling might cut
		MixedLoad.Clients clients = ChaosScale.load(app.port()).newConnections(0);
		MixedTally tally;
		try (MixedLoad load = clients.start()) {
			await("recyclings").atMost(DemoProcess.PATIENCE.multipliedBy(recyclings))
				.until(() -> load.soFar().byPid().size() >= 2 + recyclings);
			tally = load.awaitRequests((recyclings >= 100) ? 100_000 : recyclings * MAX_REQUESTS).stop();
		}
		this.table.add(
				"%d recyclings by max-requests=%d, %s".formatted(tally.byPid().size() - 2, MAX_REQUESTS, clients),
				tally);
		SortedMap<Long, Long> byPid = tally.byPid();
		long largest = byPid.values().stream().mapToLong(Long::longValue).max().orElseThrow();
		Figures.print("  %d workers served, the busiest %d requests: it serves on until its successor is ready",
				byPid.size(), largest);
		tally.assertAllOk((long) recyclings * MAX_REQUESTS);
		// The last ones have not served enough yet
		assertThat(byPid.values().stream().filter((count) -> count < MAX_REQUESTS).count())
			.as("workers that were replaced too early")
			.isLessThanOrEqualTo(2 + 1);
		// One may have ended this very moment
		await("no zombie").atMost(DemoProcess.PATIENCE).until(() -> Processes.zombiesOf(app.pid()).isEmpty());
	}

}
