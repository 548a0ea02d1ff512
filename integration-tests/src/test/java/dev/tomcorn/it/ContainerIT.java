package dev.tomcorn.it;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;

import com.github.dockerjava.api.model.Capability;
import dev.tomcorn.it.Exchange.Outcome;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The arbiter as the first process of a container, with the container's limits.
 */
@Order(1)
class ContainerIT {

	private static final int WORKERS = 2;

	/**
	 * The ports of the image.
	 */
	private static final String USER = "10001";

	/**
	 * Enough to see how they are replaced and end.
	 */
	private static final int LEFT = 1;

	private static final long MEGABYTE = 1024L * 1024;

	/**
	 * Enough memory for two generations of workers, but not for one that leaks.
	 */
	private static final long MEMORY = 1024 * MEGABYTE;

	/**
	 * Longer than a test waits: an unnecessary delay of the end fails the test.
	 */
	private static final Duration STOP_TIMEOUT = DemoProcess.PATIENCE.multipliedBy(5);

	private static final String OUT_OF_MEMORY = "killed by the kernel for want of memory";

	@RegisterExtension
	static final AppContainers containers = new AppContainers();

	/**
	 * The arbiter's log is enough here: {@code TomcornAutoConfigurationTests} checks the
	 * rule, and the test below boots the number of its container.
	 */
	@Test
	@EnabledIfSystemProperty(named = "chaos.full", matches = "true", disabledReason = "Is for -Dtests.chaos.full=true")
	void autoSizesTheFleetByTheCpuLimit() {
		AppContainer app = containers.start(
				Launch.faults(1, "sync").arguments("--tomcorn.workers=auto", "--tomcorn.arbiter.enabled=true"),
				(command) -> AppContainer.hostConfig(command).withNanoCPUs(1_000_000_000L));
		Matcher listening = app.awaitLine("Arbiter \\(pid 1\\) listening on port 8080 with (\\d+) (\\S+) worker");
		Figures.print("container with 1 CPU: %s", listening.group());
		assertThat(listening.group(1)).as("workers").isEqualTo("3");
		assertThat(listening.group(2)).as("worker class").isEqualTo("sync");
	}

	@Test
	void fleetLivesAndEndsInAContainerWithLimitsAndWithoutPrivileges() throws IOException {
		AppContainer app = containers.start(Launch.faults(1, "gevent")
			.arguments("--tomcorn.workers=auto", "--tomcorn.graceful-timeout=" + STOP_TIMEOUT.toSeconds() + "s",
					HeldRequest.PATIENCE,
					// The test is about the kernel's limit, not about the JVM's own
					"--tomcorn.jvm-options=-XX:MaxDirectMemorySize=8g"),
				(command) -> {
					AppContainer.hostConfig(command)
						.withNanoCPUs(WORKERS * 1_000_000_000L)
						.withMemory(MEMORY)
						.withMemorySwap(MEMORY)
						.withReadonlyRootfs(true)
						.withTmpFs(Map.of("/tmp", "rw,size=64m,mode=1777"))
						.withCapDrop(Capability.ALL)
						.withSecurityOpts(List.of("no-new-privileges"));
				});
		Fleet fleet = app.awaitWhole(WORKERS);
		assertThat(fleet.workerClass()).isEqualTo("gevent");
		assertThat(fleet.arbiter()).isNotNull()
			.returns(1L, Fleet.Arbiter::pid)
			.returns(WORKERS, Fleet.Arbiter::targetWorkers);
		needsNoPrivilegesAndNoWritableImage(app);
		workersUseTheCacheOfTheImage(app);
		orphanOfAnotherProcessIsCollected(app);
		workerThatExceedsTheMemoryLimitIsReapedAndReplacedAndTheOtherServes(app);
		app.signal("TTOU");
		app.awaitWhole(LEFT);
		hupReplacesEveryWorkerAndLosesNothing(app);
		stopAnswersWhatIsUnderWayAndEndsWell(app);
	}

	private static void needsNoPrivilegesAndNoWritableImage(AppContainer app) {
		List<String> surroundings = app
			.run("""
					echo "user $UID"
					while read -r _ place _ options _; do [ "$place" = / ] && echo "root ${options%%,*}"; done < /proc/mounts
					for directory in /dev/shm/*; do echo "shared memory ${directory##*/}"; done
					""")
			.lines()
			.toList();
		Figures.print("container without privileges: %s", surroundings);
		assertThat(surroundings).contains("user " + USER, "root ro")
			.filteredOn((line) -> line.startsWith("shared memory tomcorn-"))
			.as("run directories")
			.hasSize(1);
		assertThat(app.run("tomcorn workers").lines()).hasSizeGreaterThan(WORKERS);
		AppContainer.waiting("health as the image checks it").until(app::isHealthy);
	}

	/**
	 * The JVM does not use an invalid cache, and prints a message.
	 */
	private static void workersUseTheCacheOfTheImage(AppContainer app) {
		assertThat(app.output()).doesNotContain("[aot]");
		for (long pid : app.awaitWhole(WORKERS).pids()) {
			assertThat(app.run("while read -r line; do echo \"$line\"; done < /proc/%d/maps".formatted(pid)))
				.contains("/app/app.aot");
		}
	}

	/**
	 * The shell ends before the program that it has started, which then belongs to
	 * process 1.
	 */
	private static void orphanOfAnotherProcessIsCollected(AppContainer app) {
		long orphan = Long.parseLong(app.run("sleep 600 < /dev/null > /dev/null 2>&1 & echo $!").strip());
		assertThat(app.processes()).filteredOn((row) -> row.pid() == orphan)
			.singleElement()
			.returns(1L, Processes.Row::parent);
		app.run("kill %d".formatted(orphan));
		AppContainer.waiting("the orphan's end")
			.until(() -> app.processes().stream().noneMatch((row) -> row.pid() == orphan));
	}

	private static void workerThatExceedsTheMemoryLimitIsReapedAndReplacedAndTheOtherServes(AppContainer app) {
		Fleet before = app.awaitWhole(WORKERS);
		assertThat(app.processes()).extracting(Processes.Row::pid)
			.containsExactlyInAnyOrder(1L, before.worker(0).pid(), before.worker(1).pid());
		Tally tally;
		try (LoadGenerator.Load load = app.load().start(4, 4, "/io?ms=400")) {
			await("load on all workers").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().byPid().size() == 2);
			Exchange greedy = app.load().send("/memory/resident?mb=2000").join();
			assertThat(greedy.outcome()).as("greedy request").isIn(Outcome.CLOSED_UNANSWERED, Outcome.RESET);
			app.awaitLine("Worker \\d \\(pid \\d+\\) ended unexpectedly: " + OUT_OF_MEMORY);
			await("work of the replacement").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().byPid().size() == 3);
			tally = load.stop();
		}
		Fleet after = app.awaitWhole(WORKERS);
		tally.print("a worker of 2 takes 2000 MB in a container of %d MB, 4 kept and 4 new connections at a time"
			.formatted(MEMORY / MEGABYTE));
		List<Long> dead = before.pids().stream().filter((pid) -> !after.pids().contains(pid)).toList();
		assertThat(dead).as("dead workers").hasSize(1);
		assertOnlyTheVictimsFailed(tally, dead.getFirst(), 8);
		assertThat(after.arbiter()).isEqualTo(before.arbiter());
		assertThat(app.processes()).noneMatch(Processes.Row::zombie)
			.extracting(Processes.Row::pid)
			.containsExactlyInAnyOrder(1L, after.worker(0).pid(), after.worker(1).pid());
	}

	/**
	 * The engine's proxy for published ports is in between: the requests in flight in a
	 * dead worker may end in any way that a connection can.
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

	private static void hupReplacesEveryWorkerAndLosesNothing(AppContainer app) {
		Fleet before = app.awaitWhole(LEFT);
		Tally tally;
		try (LoadGenerator.Load load = app.load().start(4, 4, "/io?ms=400")) {
			await("load on all workers").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().byPid().size() == LEFT);
			app.signal("HUP");
			app.awaitFleet((fleet) -> fleet.whole(LEFT)
					&& fleet.workers().stream().allMatch((worker) -> worker.generation() == 2));
			await("load on the new workers").atMost(DemoProcess.PATIENCE)
				.until(() -> load.soFar().byPid().size() == 2 * LEFT);
			tally = load.stop();
		}
		tally.print("HUP to a container, 4 kept and 4 new connections at a time");
		tally.assertAllOk(tally.size());
		assertThat(app.awaitWhole(LEFT).pids()).doesNotContainAnyElementsOf(before.pids());
		assertThat(app.processes()).noneMatch(Processes.Row::zombie).hasSize(1 + LEFT);
	}

	/**
	 * The held requests end once the drain has begun. The application ends then, although
	 * it and the engine would wait for longer than a test does.
	 */
	private static void stopAnswersWhatIsUnderWayAndEndsWell(AppContainer app) throws IOException {
		long worker = app.awaitWhole(LEFT).worker(0).pid();
		List<HeldRequest> held = new ArrayList<>();
		Tally tally;
		Tally kept;
		try (LoadGenerator.Load load = app.load().start(4, 0, "/io?ms=400")) {
			await("load").atMost(DemoProcess.PATIENCE).until(() -> load.soFar().size() >= 16);
			for (int i = 0; i < 8; i++) {
				held.add(HeldRequest.send(app.load().port()));
			}
			// The held requests, and those of the load
			app.awaitFleet((fleet) -> fleet.workers().stream().mapToInt(Fleet.Worker::activeRequests).sum() == 12);
			CompletableFuture<Long> exitCode = CompletableFuture.supplyAsync(() -> app.stop(STOP_TIMEOUT),
					Thread::startVirtualThread);
			app.awaitLine("Stopping: draining %d worker\\(s\\)".formatted(LEFT));
			for (HeldRequest request : held) {
				request.release();
			}
			tally = new Tally(held.stream().map(HeldRequest::answer).toList());
			assertThat(exitCode).as("exit code").succeedsWithin(DemoProcess.PATIENCE).isEqualTo(0L);
			kept = load.stop().only((exchange) -> exchange.before() != null);
		}
		finally {
			held.forEach(HeldRequest::close);
		}
		tally.print("stop of a container, requests under way");
		Figures.print("  4 kept connections meanwhile: %s", kept);
		tally.assertAllOk(8);
		kept.assertAllOk(kept.size());
		assertThat(app.output()).doesNotContain("is being killed")
			.contains("Worker 0 (pid %d) stopped".formatted(worker));
	}

}
