package dev.tomcorn.it;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.stream.Stream;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Capability;
import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The arbiter as the first process of a container, with the container's limits.
 */
@Execution(ExecutionMode.SAME_THREAD)
class ContainerIT {

	private static final long MEGABYTE = 1024L * 1024;

	private static final String OUT_OF_MEMORY = "killed by the kernel for want of memory";

	@RegisterExtension
	static final AppContainers containers = new AppContainers();

	@ParameterizedTest
	@CsvSource({ "1, gevent, 1", "1, sync, 3", "2, gevent, 2", "2, sync, 5" })
	void autoSizesTheFleetByTheCpuLimit(int cpus, String workerClass, int workers) {
		AppContainer app = containers.start(
				Launch.faults(1, workerClass).arguments("--tomcorn.workers=auto", "--tomcorn.arbiter.enabled=true"),
				(command) -> AppContainer.hostConfig(command).withNanoCPUs(cpus * 1_000_000_000L));
		Matcher listening = app.awaitLine("Arbiter \\(pid 1\\) listening on port 8080 with (\\d+) (\\S+) worker");
		assertThat(listening.group(1)).as("workers").isEqualTo(Integer.toString(workers));
		assertThat(listening.group(2)).as("worker class").isEqualTo(workerClass);
		Fleet fleet = app.awaitFleet((current) -> current.workers().size() == workers);
		Figures.print("container with %d CPUs: %d %s workers", cpus, fleet.workers().size(), fleet.workerClass());
		assertThat(fleet.workerClass()).isEqualTo(workerClass);
		assertThat(fleet.arbiter()).isNotNull()
			.returns(1L, Fleet.Arbiter::pid)
			.returns(workers, Fleet.Arbiter::targetWorkers);
	}

	@Test
	void stopAnswersWhatIsUnderWayAndEndsWell() {
		AppContainer app = containers.start(Launch.faults(2, "gevent"), unlimited());
		app.awaitWhole(2);
		List<CompletableFuture<Exchange>> slow = Stream.generate(() -> app.load().send("/io?ms=12000"))
			.limit(8)
			.toList();
		app.awaitFleet((fleet) -> fleet.workers().stream().mapToInt(Fleet.Worker::activeRequests).sum() == 9);
		long stoppedAt;
		Duration took;
		Tally kept;
		try (LoadGenerator.Load load = app.load().start(8, 0, "/io?ms=100")) {
			await("load").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().size() >= 16);
			stoppedAt = System.nanoTime();
			assertThat(app.stop(Duration.ofSeconds(30))).as("exit code").isZero();
			took = Duration.ofNanos(System.nanoTime() - stoppedAt);
			kept = load.stop().only((exchange) -> exchange.before() != null);
		}
		Tally tally = new Tally(slow.stream().map(CompletableFuture::join).toList())
			.print("stop of a container, requests of 12 s under way");
		Figures.print("  exit code 0 after %.1f s; 8 kept connections meanwhile: %s", took.toMillis() / 1000.0, kept);
		tally.assertAllOk(8);
		assertThat(tally.exchanges()).allMatch((exchange) -> exchange.ended() > stoppedAt, "answered after the stop");
		kept.assertAllOk(kept.size());
		assertThat(took).as("no longer than the requests need").isLessThan(Duration.ofSeconds(25));
		assertThat(app.output()).doesNotContain("is being killed")
			.containsPattern("Worker 0 \\(pid \\d+\\) stopped")
			.containsPattern("Worker 1 \\(pid \\d+\\) stopped");
	}

	@Test
	void killedWorkerIsReapedAndReplaced() {
		AppContainer app = containers.start(Launch.faults(2, "gevent"), unlimited());
		Fleet before = app.awaitWhole(2);
		Fleet.Worker victim = before.worker(1);
		assertThat(app.processes()).extracting(Processes.Row::pid)
			.containsExactlyInAnyOrder(1L, victim.pid(), before.worker(0).pid());
		Tally tally;
		try (LoadGenerator.Load load = app.load().start(8, 4, "/io?ms=100")) {
			await("load on all workers").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().byPid().size() == 2);
			app.kill(victim.pid());
			app.awaitLine("Worker 1 \\(pid %d\\) ended unexpectedly: signal SIGKILL".formatted(victim.pid()));
			await("work of the replacement").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().byPid().size() == 3);
			tally = load.stop();
		}
		tally.print("kill -9 of worker 1 of 2 in a container, 8 kept and 4 new connections at a time");
		assertOnlyTheVictimsFailed(tally, victim.pid(), 12);

		Fleet after = app.awaitWhole(2);
		assertThat(after.worker(0).pid()).isEqualTo(before.worker(0).pid());
		assertThat(after.worker(1).pid()).isNotEqualTo(victim.pid());
		List<Processes.Row> processes = app.processes();
		assertThat(processes).as("processes, none of them a zombie").noneMatch(Processes.Row::zombie);
		assertThat(processes).extracting(Processes.Row::pid)
			.containsExactlyInAnyOrder(1L, after.worker(0).pid(), after.worker(1).pid());
	}

	@Test
	void workerThatExceedsTheMemoryLimitIsReplacedAndTheOthersServe() {
		AppContainer app = containers.start(
				// The limit that the kernel holds is to be reached, not the JVM's own
				Launch.faults(2, "gevent").jvmOptions("-XX:MaxDirectMemorySize=8g"),
				(command) -> AppContainer.hostConfig(command)
					.withMemory(768 * MEGABYTE)
					.withMemorySwap(768 * MEGABYTE));
		Fleet before = app.awaitWhole(2);
		Tally tally;
		try (LoadGenerator.Load load = app.load().start(0, 4, "/io?ms=100")) {
			await("load on all workers").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().byPid().size() == 2);
			Exchange greedy = app.load().send("/memory/resident?mb=2000").join();
			assertThat(greedy.outcome()).as("greedy request").isIn(Outcome.CLOSED_UNANSWERED, Outcome.RESET);
			app.awaitLine("Worker \\d \\(pid \\d+\\) ended unexpectedly: " + OUT_OF_MEMORY);
			app.awaitFleet((fleet) -> fleet.whole(2) && !fleet.pids().equals(before.pids()));
			tally = load.stop();
		}
		Fleet after = app.awaitWhole(2);
		tally.print("a worker of 2 takes 2000 MB in a container of 768 MB, 4 new connections at a time");
		Figures.print("  %s", app.awaitLine("Worker \\d \\(pid \\d+\\) ended unexpectedly: .*").group());
		List<Long> dead = before.pids().stream().filter((pid) -> !after.pids().contains(pid)).toList();
		assertThat(dead).as("dead workers").hasSize(1);
		assertOnlyTheVictimsFailed(tally, dead.getFirst(), 4);
		assertThat(after.arbiter()).isEqualTo(before.arbiter());
		assertThat(app.processes()).noneMatch(Processes.Row::zombie).hasSize(3);
	}

	/**
	 * The engine's proxy for published ports stands in between: what a dead worker had in
	 * its hands may end in any way that a connection can.
	 */
	private static void assertOnlyTheVictimsFailed(Tally tally, long victim, int atOnce) {
		assertThat(tally.count(Outcome.TIMED_OUT) + tally.count(Outcome.WRONG_ANSWER) + tally.count(Outcome.REFUSED))
			.as("timed out, wrong or refused")
			.isZero();
		assertThat(tally.failures().exchanges()).as("failures")
			.hasSizeLessThanOrEqualTo(atOnce)
			.allSatisfy(
					(exchange) -> assertThat(exchange.before()).satisfiesAnyOf((served) -> assertThat(served).isNull(),
							(served) -> assertThat(served).extracting(Exchange.ServedBy::pid).isEqualTo(victim)));
	}

	@Test
	void hupReplacesEveryWorkerAndLosesNothing() {
		AppContainer app = containers.start(Launch.faults(2, "gevent"), unlimited());
		Fleet before = app.awaitWhole(2);
		Tally tally;
		try (LoadGenerator.Load load = app.load().start(8, 4, "/io?ms=50")) {
			await("load on all workers").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().byPid().size() == 2);
			app.signal("HUP");
			app.awaitFleet((fleet) -> fleet.whole(2)
					&& fleet.workers().stream().allMatch((worker) -> worker.generation() == 2));
			await("load on the new workers").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().byPid().size() == 4);
			tally = load.stop();
		}
		tally.print("HUP to a container, 8 kept and 4 new connections at a time");
		tally.assertAllOk(tally.size());
		assertThat(app.awaitWhole(2).pids()).doesNotContainAnyElementsOf(before.pids());
		assertThat(app.processes()).noneMatch(Processes.Row::zombie).hasSize(3);
	}

	@Test
	void needsNoPrivilegesAndNoWritableImage() {
		AppContainer app = containers.start(Launch.faults(2, "sync"), (command) -> {
			AppContainer.hostConfig(command)
				.withReadonlyRootfs(true)
				.withTmpFs(Map.of("/tmp", "rw,size=64m,mode=1777"))
				.withCapDrop(Capability.ALL)
				.withSecurityOpts(List.of("no-new-privileges"));
			command.withUser(ContainerImage.USER_ID);
		});
		app.awaitWhole(2);
		List<String> surroundings = app.surroundings();
		Figures.print("container without privileges: %s", surroundings);
		assertThat(surroundings).contains("user " + ContainerImage.USER, "root read-only true")
			.filteredOn((line) -> line.startsWith("shared memory tomcorn-"))
			.as("run directories")
			.hasSize(1);
		app.load().simultaneous(20, "/io?ms=10").print("  20 requests").assertAllOk(20);
		assertThat(app.stop(Duration.ofSeconds(30))).as("exit code").isZero();
	}

	private static Consumer<CreateContainerCmd> unlimited() {
		return (command) -> {
		};
	}

}
