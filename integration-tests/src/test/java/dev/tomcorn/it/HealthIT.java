package dev.tomcorn.it;

import java.time.Duration;
import java.util.function.ToLongFunction;

import dev.tomcorn.core.scoreboard.Trouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Workers that live but are of no use, and workers that have served long enough.
 */
class HealthIT {

	/**
	 * Long enough that a busy machine keeps no worker silent that is well.
	 */
	private static final Duration TIMEOUT = Duration.ofSeconds(12);

	private static final int WORKERS = 2;

	/**
	 * Of each worker, whatever the machine has.
	 */
	private static final int CARRIERS = 2;

	private static final int MAX_REQUESTS = 200;

	/**
	 * In megabytes: beyond what a worker has without a request that takes much.
	 */
	private static final int MAX_MEMORY = 400;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@Test
	void workersThatAreOfNoUseAreFoundAndReplacedAndNoOthers() {
		DemoProcess app = this.apps.start(Launch.faults(WORKERS, "gevent")
			.jvmOptions("-XX:-UseSerialGC", "-XX:+UseParallelGC", "-Xmx128m", "-XX:ActiveProcessorCount=" + CARRIERS,
					"-Djdk.virtualThreadScheduler.maxPoolSize=" + CARRIERS)
			.arguments("--tomcorn.timeout=" + TIMEOUT.toSeconds() + "s"));
		app.awaitWarm(WORKERS);
		workersWithFarTooMuchToDoAreNotTakenForFrozen(app);
		assertFoundAndReplaced("SIGSTOP", app, Trouble.NONE, (whole) -> {
			long pid = whole.fleet().worker(1).pid();
			Processes.freeze(pid);
			return pid;
		});
		assertFoundAndReplaced("all carriers pinned", app, Trouble.SCHEDULER_STUCK,
				(whole) -> victim(whole, "/pin?seconds=100"));
		assertFoundAndReplaced("death spiral of collections", app, Trouble.GARBAGE_COLLECTION,
				(whole) -> victim(whole, "/memory/spiral"));
	}

	/**
	 * Every request holds a carrier for a second, and many more wait for one: no virtual
	 * thread gets its turn within the timeout, but requests end all the time. However the
	 * workers share them, one carrier or another is held for twice the timeout.
	 */
	private static void workersWithFarTooMuchToDoAreNotTakenForFrozen(DemoProcess app) {
		Fleet before = app.awaitWhole(WORKERS);
		int requests = WORKERS * CARRIERS * 2 * (int) TIMEOUT.toSeconds();
		Tally tally = app.load()
			.simultaneous(requests, Boolean.getBoolean("chaos.full") ? "/memory/churn?seconds=1" : "/pin/own?seconds=1")
			.print("%d requests that hold a carrier for a second each, %d workers with %d carriers, timeout %d s"
				.formatted(requests, WORKERS, CARRIERS, TIMEOUT.toSeconds()));
		tally.assertAllOk(requests);
		assertThat(tally.percentile(1)).as("time of the longest answer").isGreaterThan(TIMEOUT);
		assertThat(app.fleet().pids()).isEqualTo(before.pids());
		assertThat(app.lines("is being killed")).isEmpty();
	}

	private static long victim(DemoProcess app, String path) {
		Exchange exchange = app.load().send(path).join();
		assertThat(exchange.ok()).as(exchange.toString()).isTrue();
		return exchange.served().pid();
	}

	private static void assertFoundAndReplaced(String what, DemoProcess app, Trouble trouble,
			ToLongFunction<DemoProcess> fault) {
		Fleet before = app.awaitWhole(WORKERS);
		int killed = app.lines("is being killed").size();
		long victim = fault.applyAsLong(app);
		Fleet.Worker worker = before.workers().stream().filter((row) -> row.pid() == victim).findFirst().orElseThrow();
		Fleet.Worker other = before.worker(1 - worker.index());
		Figures.print("%s: %s", what,
				app.awaitLine("(?m)Worker %d \\(pid %d\\) is being killed: no heartbeat within timeout \\(%d s\\)%s"
					.formatted(worker.index(), victim, TIMEOUT.toSeconds(),
							(trouble != Trouble.NONE) ? ", " + trouble.description() : "$"))
					.group());
		app.awaitFleet((fleet) -> fleet.whole(WORKERS) && !fleet.pids().contains(victim));
		assertThat(app.awaitWhole(WORKERS).worker(other.index()).pid()).as("the other worker").isEqualTo(other.pid());
		assertThat(app.lines("is being killed")).hasSize(killed + 1);
	}

	@Test
	void workersAskToBeReplacedAtEachLimitOfTheirLife() {
		DemoProcess app = this.apps.start(Launch.faults(1, "gevent")
			.jvmOptions("-XX:-UseSerialGC", "-XX:+UseG1GC", "-Xmx160m", "-XX:MaxDirectMemorySize=" + MAX_MEMORY + "m")
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.max-requests=" + MAX_REQUESTS,
					"--tomcorn.max-memory=" + MAX_MEMORY + "MB", "--tomcorn.max-heap-after-gc=80MB"));
		long first = app.awaitWhole(1).worker(0).pid();
		workerAsksAfterItsLastRequest(app);
		long second = awaitAnother(app, first);
		workerAsksWhenItOccupiesTooMuchMemory(app);
		awaitAnother(app, second);
		workerAsksWhenItsHeapStaysFullAfterCollections(app);
	}

	private static long awaitAnother(DemoProcess app, long before) {
		return app.awaitFleet((fleet) -> fleet.whole(1) && !fleet.pids().contains(before)).worker(0).pid();
	}

	private static void workerAsksAfterItsLastRequest(DemoProcess app) {
		app.load().simultaneous(MAX_REQUESTS, "/whoami").assertAllOk(MAX_REQUESTS);
		Figures.print(app
			.awaitLine("Asking to be replaced: max-requests \\(%d\\) reached: \\d+ requests".formatted(MAX_REQUESTS))
			.group());
	}

	private static void workerAsksWhenItOccupiesTooMuchMemory(DemoProcess app) {
		assertThat(app.lines("Asking to be replaced: max-memory")).isEmpty();
		app.load().simultaneous(1, "/memory/resident?mb=" + (MAX_MEMORY - 20)).assertAllOk(1);
		Figures.print(
				app.awaitLine("Asking to be replaced: max-memory: \\d+ MB resident, limit %d MB".formatted(MAX_MEMORY))
					.group());
	}

	private static void workerAsksWhenItsHeapStaysFullAfterCollections(DemoProcess app) {
		app.load().simultaneous(2, "/memory/churn?seconds=2").assertAllOk(2);
		assertThat(app.lines("Asking to be replaced: max-heap-after-gc")).as("garbage is no reason").isEmpty();
		app.load().simultaneous(1, "/memory/leak?mb=75").assertAllOk(1);
		await("the live set to be found").atMost(DemoProcess.PATIENCE).until(() -> {
			app.load().simultaneous(1, "/memory/churn?seconds=1");
			return !app.lines("Asking to be replaced: max-heap-after-gc").isEmpty();
		});
		Figures.print(app.awaitLine(
				"Asking to be replaced: max-heap-after-gc: \\d+ MB of heap in use after \\d+ collections in a row, "
						+ "limit 80 MB")
			.group());
	}

}
