package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Workers that live but are of no use, and workers that have served long enough.
 */
class HealthIT {

	/**
	 * Long enough that a busy machine keeps no worker silent that is well, and that a
	 * silent one is seen before it is killed.
	 */
	private static final Duration TIMEOUT = Duration.ofSeconds(6);

	private static final Duration SILENCE = Duration.ofSeconds(2);

	/**
	 * Per processor: each answer takes ten seconds.
	 */
	private static final int CLIENTS = 20;

	private static final long MEGABYTE = 1024 * 1024;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	@TempDir
	private Path runDirectory;

	private Launch twoWorkers() {
		return Launch.faults(2, "gevent")
			.arguments("--tomcorn.timeout=" + TIMEOUT.toSeconds() + "s",
					"--tomcorn.run-directory=" + this.runDirectory);
	}

	@Test
	void frozenWorkerIsFoundAndReplaced() {
		assertFoundAndReplaced("SIGSTOP", this.apps.start(twoWorkers()), Trouble.NONE, (app) -> {
			long pid = app.fleet().worker(1).pid();
			Processes.freeze(pid);
			return pid;
		});
	}

	@Test
	void workerWhoseCarriersAreAllPinnedIsFoundAndReplaced() {
		assertFoundAndReplaced("all carriers pinned", this.apps.start(twoWorkers()), Trouble.SCHEDULER_STUCK,
				(app) -> victim(app, "/pin?seconds=100"));
	}

	@Test
	void workerThatOnlyCollectsGarbageIsFoundAndReplaced() {
		DemoProcess app = this.apps
			.start(twoWorkers().jvmOptions("-XX:-UseSerialGC", "-XX:+UseParallelGC", "-Xmx128m"));
		assertFoundAndReplaced("death spiral of collections", app, Trouble.GARBAGE_COLLECTION,
				(whole) -> victim(whole, "/memory/spiral"));
	}

	private static long victim(DemoProcess app, String path) {
		Exchange exchange = app.load().send(path).join();
		assertThat(exchange.ok()).as(exchange.toString()).isTrue();
		return exchange.served().pid();
	}

	private void assertFoundAndReplaced(String what, DemoProcess app, Trouble trouble,
			ToLongFunction<DemoProcess> fault) {
		Fleet before = app.awaitWarm(2);
		long start = System.nanoTime();
		long victim = fault.applyAsLong(app);
		WorkerSlot slot = slotOf(victim);
		Fleet.Worker worker = before.workers().stream().filter((row) -> row.pid() == victim).findFirst().orElseThrow();
		Fleet.Worker other = before.worker(1 - worker.index());

		// Before the arbiter acts: what it could say about the reason. A single long
		// collection makes it silent for a while, too
		await("silence").atMost(DemoProcess.PATIENCE)
			.pollInterval(Duration.ofMillis(50))
			.until(() -> slot.pid() != victim
					|| (slot.heartbeatAge().compareTo(SILENCE) > 0 && slot.trouble() == trouble));
		assertThat(slot.pid()).isEqualTo(victim);
		assertThat(slot.trouble()).as("reason of the silence").isEqualTo(trouble);
		double silentAfter = Math.max(0, secondsSince(start) - slot.heartbeatAge().toMillis() / 1000.0);
		String gauges = "gc %.1f s, heap %d of %d MB, resident %d MB".formatted(slot.gcMillis() / 1000.0,
				slot.heapUsed() / MEGABYTE, slot.heapMax() / MEGABYTE, slot.residentMemory() / MEGABYTE);

		app.awaitLine("(?m)Worker %d \\(pid %d\\) is being killed: no heartbeat within timeout \\(%d s\\)%s".formatted(
				worker.index(), victim, TIMEOUT.toSeconds(),
				(trouble != Trouble.NONE) ? ", " + trouble.description() : "$"));
		double killedAfter = secondsSince(start);
		app.awaitFleet((fleet) -> fleet.whole(2) && !fleet.pids().contains(victim));
		Figures.print("%s: silent after %.1f s (%s), killed after %.1f s, replaced after %.1f s; %s", what, silentAfter,
				trouble, killedAfter, secondsSince(start), gauges);
		Fleet after = app.awaitWhole(2);
		assertThat(after.worker(other.index()).pid()).as("the other worker").isEqualTo(other.pid());
		assertThat(app.lines("is being killed")).hasSize(1);
	}

	private static double secondsSince(long start) {
		return (System.nanoTime() - start) / 1e9;
	}

	private WorkerSlot slotOf(long pid) {
		try (Stream<Path> files = Files.walk(this.runDirectory)) {
			Path file = files.filter((path) -> path.getFileName().toString().equals("scoreboard"))
				.findFirst()
				.orElseThrow();
			return Scoreboard.open(file).slots().stream().filter((slot) -> slot.pid() == pid).findFirst().orElseThrow();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Every request holds a carrier for a second, and many more wait for one: no virtual
	 * thread gets its turn within the timeout, but requests end all the time.
	 */
	@Test
	void workersWithFarTooMuchToComputeAreNotTakenForFrozen() {
		DemoProcess app = this.apps.start(twoWorkers());
		Fleet before = app.awaitWarm(2);
		Tally tally;
		long start = System.nanoTime();
		int clients = CLIENTS * Runtime.getRuntime().availableProcessors();
		try (LoadGenerator.Load load = app.load().start(0, clients, "/memory/churn?seconds=1")) {
			await("enough of it").atMost(DemoProcess.PATIENCE)
				.pollInterval(Duration.ofMillis(250))
				.until(() -> secondsSince(start) > 15);
			tally = load.stop();
		}
		tally.print("%d clients whose requests compute for a second each, 2 workers, timeout %d s".formatted(clients,
				TIMEOUT.toSeconds()));
		tally.assertAllOk(tally.size());
		assertThat(tally.percentile(0.9)).as("time of an answer").isGreaterThan(TIMEOUT);
		assertThat(app.fleet().pids()).isEqualTo(before.pids());
		assertThat(app.lines("is being killed")).isEmpty();
	}

	private static Launch oneWorker() {
		return Launch.faults(1, "gevent").arguments("--tomcorn.arbiter.enabled=true");
	}

	@Test
	void workerAsksToBeReplacedAfterItsLastRequest() {
		DemoProcess app = this.apps.start(oneWorker().arguments("--tomcorn.max-requests=50"));
		app.awaitWhole(1);
		app.load().simultaneous(60, "/whoami").assertAllOk(60);
		Figures.print(app.awaitLine("Asking to be replaced: max-requests \\(50\\) reached: \\d+ requests").group());
	}

	@Test
	void workerAsksToBeReplacedWhenItOccupiesTooMuchMemory() {
		DemoProcess app = this.apps.start(oneWorker().arguments("--tomcorn.max-memory=50MB"));
		Figures.print(app.awaitLine("Asking to be replaced: max-memory: \\d+ MB resident, limit 50 MB").group());
	}

	@Test
	void workerAsksToBeReplacedWhenItsHeapStaysFullAfterCollections() {
		DemoProcess app = this.apps.start(oneWorker().jvmOptions("-XX:-UseSerialGC", "-XX:+UseG1GC", "-Xmx160m")
			.arguments("--tomcorn.max-heap-after-gc=80MB"));
		app.awaitWhole(1);
		app.load().simultaneous(4, "/memory/churn?seconds=3").assertAllOk(4);
		assertThat(app.lines("Asking to be replaced")).as("garbage is no reason").isEmpty();
		app.load().simultaneous(1, "/memory/leak?mb=75").assertAllOk(1);
		await("the live set to be found").atMost(DemoProcess.PATIENCE).until(() -> {
			app.load().simultaneous(2, "/memory/churn?seconds=1");
			return !app.lines("Asking to be replaced").isEmpty();
		});
		Figures.print(app.awaitLine(
				"Asking to be replaced: max-heap-after-gc: \\d+ MB of heap in use after \\d+ collections in a row, "
						+ "limit 80 MB")
			.group());
	}

}
