package dev.tomcorn.it;

import java.util.SortedMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Workers that are replaced because they have served a number of requests, or take too
 * much memory.
 */
class RecycleIT {

	private static final int WORKERS = ChaosScale.workers();

	private static final int MAX_REQUESTS = Boolean.getBoolean("chaos.full") ? 200 : 60;

	/**
	 * In megabytes: more than a worker takes without a request that needs much.
	 */
	private static final int MAX_MEMORY = 400;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@RegisterExtension
	final OutcomeTable table = new OutcomeTable();

	@Test
	void workersAreReplacedAtLimitsOfTheirLifeAndLoseNoRequest() {
		DemoProcess app = this.apps.start(Launch.faults(1, "gevent")
			.jvmOptions("-XX:MaxDirectMemorySize=" + MAX_MEMORY + "m")
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.max-requests=" + MAX_REQUESTS,
					"--tomcorn.max-memory=" + MAX_MEMORY + "MB"));
		long first = app.awaitWhole(1).worker(0).pid();
		workerAsksWhenItOccupiesTooMuchMemory(app);
		app.awaitFleet((fleet) -> fleet.whole(1) && !fleet.pids().contains(first));
		assertThat(app.lines("wants to be replaced: ")).hasSize(1);
		for (int worker = 1; worker < WORKERS; worker++) {
			app.signal("TTIN");
		}
		workersWithMaxRequestsLoseNoRequest(app);
	}

	private static void workerAsksWhenItOccupiesTooMuchMemory(DemoProcess app) {
		assertThat(app.lines("wants to be replaced: max-memory")).isEmpty();
		app.load().simultaneous(1, "/memory/resident?mb=" + (MAX_MEMORY - 20)).assertAllOk(1);
		Figures.print(
				app.awaitLine("wants to be replaced: max-memory: \\d+ MB resident, limit %d MB".formatted(MAX_MEMORY))
					.group());
	}

	private void workersWithMaxRequestsLoseNoRequest(DemoProcess app) {
		Fleet before = app.awaitWhole(WORKERS);
		int recyclings = ChaosScale.recyclings();
		// Only kept connections, which recycling might cut
		MixedLoad.Clients clients = ChaosScale.load(app.port()).newConnections(0);
		MixedTally tally;
		try (MixedLoad load = clients.start()) {
			await("recyclings").atMost(DemoProcess.PATIENCE.multipliedBy(recyclings))
				.until(() -> load.soFar().byPid().size() >= WORKERS + recyclings);
			tally = load.awaitRequests((recyclings >= 100) ? 100_000 : recyclings * MAX_REQUESTS).stop();
		}
		this.table.add(
				"%d recyclings by max-requests=%d, %s".formatted(tally.byPid().size() - WORKERS, MAX_REQUESTS, clients),
				tally);
		SortedMap<Long, Long> byPid = tally.byPid();
		long largest = byPid.values().stream().mapToLong(Long::longValue).max().orElseThrow();
		Figures.print("  %d workers served, the busiest %d requests: it serves on until its successor is ready",
				byPid.size(), largest);
		tally.assertAllOk((long) recyclings * MAX_REQUESTS);
		app.awaitLine("wants to be replaced: max-requests \\(%d\\) reached: \\d+ requests".formatted(MAX_REQUESTS));
		// The last ones have not served enough yet
		assertThat(byPid.values().stream().filter((count) -> count < MAX_REQUESTS).count())
			.as("workers that were replaced too early")
			.isLessThanOrEqualTo(WORKERS + 1);
		assertThat(before.workers()).as("the first ones, with what they had served before")
			// Including the request for this count
			.allSatisfy((worker) -> assertThat(byPid.get(worker.pid()) + worker.handledRequests() + 1)
				.isGreaterThanOrEqualTo(MAX_REQUESTS));
		// One may have ended at this moment
		await("no zombie").atMost(DemoProcess.PATIENCE).until(() -> Processes.zombiesOf(app.pid()).isEmpty());
	}

}
