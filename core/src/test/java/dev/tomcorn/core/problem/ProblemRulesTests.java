package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.tomcorn.core.arbiter.ApplicationRelease;
import dev.tomcorn.core.arbiter.Death;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.FleetReport.CrashLoop;
import dev.tomcorn.core.arbiter.FleetReport.DeathReport;
import dev.tomcorn.core.arbiter.FleetReport.Outcome;
import dev.tomcorn.core.arbiter.FleetReport.ReloadReport;
import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.core.problem.WorkerFacts.Carriers;
import dev.tomcorn.core.problem.WorkerFacts.LongRequest;
import dev.tomcorn.core.problem.WorkerFacts.Pool;
import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

/**
 * Each kind of problem: its sentence, and that it is silent below its limit.
 */
class ProblemRulesTests {

	private static final FleetReport NOTHING = FleetReport.ofBytes(new byte[0]);

	private final ProblemRules rules = new ProblemRules(ProblemSettings.DEFAULT);

	private static Facts fleet() {
		return new Facts();
	}

	private List<Finding> look(Facts facts) {
		return this.rules.look(facts.now(), (key) -> false);
	}

	private void assertNothing(Facts facts) {
		assertThat(look(facts)).isEmpty();
	}

	private Finding only(Facts facts, ProblemKind kind) {
		List<Finding> findings = look(facts);
		assertThat(findings).singleElement().satisfies((finding) -> {
			assertThat(finding.kind()).isEqualTo(kind);
			assertThat(finding.text()).doesNotEndWith(".").doesNotContain("\n", "null");
			assertThat(finding.remedy()).endsWith(".").hasSizeLessThanOrEqualTo(160);
		});
		return findings.getFirst();
	}

	private static Duration seconds(long seconds) {
		return Duration.ofSeconds(seconds);
	}

	@Test
	void fleetThatIsWellHasNoProblem() {
		assertNothing(fleet());
		assertNothing(fleet().none());
	}

	@Test
	void stoppedWorker() {
		Finding finding = only(fleet().stopped(1, seconds(10)), ProblemKind.WORKER_STOPPED);
		assertThat(finding.text())
			.isEqualTo("Worker 1 (pid 4712) has been stopped by a signal since 12:32:54Z; it is replaced at 12:33:24Z");
		assertThat(finding.remedy()).contains("kill -CONT 4712");
		assertThat(finding.worker()).isEqualTo(1);
		assertThat(finding.since()).isEqualTo(Facts.CLOCK - 10_000);
		assertThat(only(fleet().timeout(Duration.ZERO).stopped(1, seconds(10)), ProblemKind.WORKER_STOPPED).text())
			.endsWith("it is never replaced, as tomcorn.timeout is 0");
		assertThat(
				only(fleet().state(1, WorkerState.STARTING).stopped(1, seconds(10)), ProblemKind.WORKER_STOPPED).text())
			.endsWith("since 12:32:54Z");
		assertNothing(fleet().stopped(1, Duration.ofMillis(900)));
	}

	@Test
	void silentWorker() {
		assertThat(only(fleet().silent(0, seconds(6), Trouble.NONE, false), ProblemKind.WORKER_SILENT).text())
			.isEqualTo("Worker 0 (pid 4711) has not answered for 6 s: it gets no CPU, or its JVM stands still; "
					+ "it is replaced at 12:33:28Z");
		assertThat(only(fleet().silent(0, seconds(6), Trouble.NONE, true), ProblemKind.WORKER_SILENT).text())
			.contains("has done no useful work for 6 s, though it answers its arbiter");
		assertThat(
				only(fleet().silent(0, seconds(6), Trouble.GARBAGE_COLLECTION, true), ProblemKind.WORKER_SILENT).text())
			.contains("has done little but collect garbage for 6 s");
		assertNothing(fleet().silent(0, seconds(4), Trouble.NONE, false));
		assertNothing(fleet().state(0, WorkerState.DRAINING).silent(0, seconds(60), Trouble.NONE, false));
		assertNothing(fleet().state(0, WorkerState.STARTING).silent(0, seconds(60), Trouble.NONE, false));
	}

	@Test
	void heldCarriers() {
		Facts facts = fleet().silent(1, seconds(12), Trouble.SCHEDULER_STUCK, true)
			.told(1, new WorkerFacts(null, new Carriers(2, 2, "PinController.java:64", 0, 0), "", 0, "", 0, 0, null))
			.load(1, 0, 4, 0, 0);
		assertThat(only(facts, ProblemKind.CARRIERS_HELD).text())
			.isEqualTo("Worker 1: 2 of 2 carrier threads are held by PinController.java:64 for 12 s; 4 requests queue; "
					+ "it is replaced at 12:33:22Z");
		assertThat(
				only(fleet().silent(1, seconds(12), Trouble.SCHEDULER_STUCK, true), ProblemKind.CARRIERS_HELD).text())
			.startsWith("Worker 1: all carrier threads are held for 12 s; 0 requests queue");
		assertNothing(fleet().silent(1, seconds(2), Trouble.SCHEDULER_STUCK, true));
	}

	@Test
	void heldCarriersOfAWorkerThatGoesOnWithOthers() {
		Finding finding = only(fleet().told(1, lent(12)), ProblemKind.CARRIERS_HELD);
		assertThat(finding.text())
			.isEqualTo("Worker 1: 2 of 2 carrier threads are held by PinController.java:64 for 12 s; "
					+ "it goes on with 6 more, which are lent");
		assertThat(finding.since()).isEqualTo(Facts.CLOCK - 12_000);
		assertThat(only(fleet().told(1, lent(12)).silent(1, seconds(12), Trouble.GARBAGE_COLLECTION, true),
				ProblemKind.WORKER_SILENT)
			.text()).contains("collect garbage");
		assertNothing(fleet().told(1, lent(2)));
	}

	private static WorkerFacts lent(int seconds) {
		return new WorkerFacts(null,
				new Carriers(2, 2, "PinController.java:64", 6, Facts.NOW - seconds(seconds).toNanos()), "", 0, "", 0, 0,
				null);
	}

	@Test
	void deadlock() {
		assertThat(only(fleet().told(0, new WorkerFacts(null, null, "deadlock of 2 threads: a, b", 0, "", 0, 0, null)),
				ProblemKind.DEADLOCK)
			.text()).isEqualTo("Worker 0 has a deadlock of 2 threads: a, b; it is being replaced");
	}

	private static WorkerFacts running(long seconds, double usualMillis) {
		return new WorkerFacts(new LongRequest("GET", "/stuck", Facts.NOW - seconds(seconds).toNanos(),
				"StuckController.java:31", usualMillis), null, "", 0, "", 0, 0, null);
	}

	@Test
	void longRequest() {
		assertThat(only(fleet().told(0, running(34, 57)), ProblemKind.LONG_REQUEST).text()).isEqualTo(
				"Worker 0: GET /stuck has run for 34 s at StuckController.java:31; 99 of 100 take less than 57 ms");
		assertThat(only(fleet().told(0, running(34, 0)), ProblemKind.LONG_REQUEST).text())
			.isEqualTo("Worker 0: GET /stuck has run for 34 s at StuckController.java:31");
		assertNothing(fleet().told(0, running(9, 57)));
		assertNothing(fleet().told(0, running(34, 5000)));
		assertThat(only(fleet().told(0, running(51, 5000)), ProblemKind.LONG_REQUEST).text())
			.endsWith("has run for 51 s at StuckController.java:31; 99 of 100 take less than 5 s");
	}

	@Test
	void busyPlaces() {
		Facts facts = fleet().load(0, 3, 0, 0, 0.02)
			.load(1, 3, 0, 0, 0.02)
			.cpu(0.02, 0, 0)
			.queue(34, Duration.ofMillis(5900));
		assertThat(only(facts, ProblemKind.PLACES_BUSY).text()).isEqualTo(
				"All 6 places are busy, 34 connections wait about 5.9 s, CPU 2 %: more tomcorn.threads would help");
		Finding full = only(facts.load(0, 3, 0, 0, 0.9).load(1, 3, 0, 0, 0.9).cpu(1, 0, 0), ProblemKind.PLACES_BUSY);
		assertThat(full.text()).endsWith("CPU 100 %: more tomcorn.threads would not help");
		assertThat(full.remedy()).startsWith("Add CPUs");
		Finding waiting = only(fleet().load(0, 3, 0, 0, 0)
			.load(1, 3, 0, 0, 0)
			.queue(34, seconds(5))
			.told(1, new WorkerFacts(null, null, "", 0, "", 0, 0,
					new WorkerFacts.Pool("HikariPool-1", 1, 1, 2, Facts.NOW))),
				ProblemKind.PLACES_BUSY);
		assertThat(waiting.text()).endsWith("more tomcorn.threads would not help");
		assertThat(waiting.remedy()).contains("pool of connections");
		assertThat(only(facts.load(0, 3, 0, 0, 0).load(1, 3, 0, 0, 0).cpu(0, 0, 0).workerClass("sync"),
				ProblemKind.PLACES_BUSY)
			.text()).contains("more tomcorn.workers would help");
		assertThat(only(facts.workerClass("gevent").queue(0, Duration.ZERO).load(1, 3, 2, 1500, 0),
				ProblemKind.PLACES_BUSY)
			.text()).contains("2 connections wait about 1.5 s", "more tomcorn.worker-connections would help");
		assertNothing(fleet().load(0, 3, 0, 0, 0).load(1, 2, 0, 0, 0).queue(34, seconds(5)));
		assertNothing(fleet().load(0, 3, 0, 0, 0).load(1, 3, 0, 0, 0).queue(34, Duration.ofMillis(900)));
		assertNothing(fleet().load(0, 3, 0, 0, 0).load(1, 3, 0, 0, 0));
	}

	@Test
	void loadThatGoesDownSlowlyIsOneProblem() {
		Facts facts = fleet().load(0, 3, 0, 0, 0).load(1, 3, 0, 0, 0).queue(34, Duration.ofMillis(600));
		assertThat(this.rules.look(facts.now(), (key) -> true)).hasSize(1);
		assertThat(this.rules.look(facts.queue(34, Duration.ofMillis(400)).now(), (key) -> true)).isEmpty();
	}

	private static FleetReport reload(Outcome outcome, String cause, String failure) {
		return new FleetReport(false,
				new ReloadReport(2, outcome, Facts.CLOCK - 9000, Facts.CLOCK - 5000, cause, failure), List.of(),
				List.of(), NOTHING.history());
	}

	@Test
	void generationThatCannotBoot() {
		Finding finding = only(fleet().report(reload(Outcome.FAILED,
				"Worker 1 (pid 4712) could not boot: Failed to bind properties under 'server.port': Property: server.port",
				"Failed to bind properties\n\n    Origin: class path resource [application.properties] - 1:13\n")),
				ProblemKind.BOOT_FAILURE);
		assertThat(finding.text()).isEqualTo(
				"Generation 2 cannot boot, and a worker that dies is replaced from it, too: Failed to bind properties under 'server.port' "
						+ "(class path resource [application.properties] - 1:13)");
		assertThat(finding.since()).isEqualTo(Facts.CLOCK - 5000);
		assertThat(only(fleet().report(reload(Outcome.FAILED, "Worker 0 (pid 1): exit code 7", "")),
				ProblemKind.BOOT_FAILURE)
			.text())
			.startsWith("Generation 2 cannot boot, and a worker that dies is replaced from it, too: exit code 7");
		assertNothing(fleet().report(reload(Outcome.RUNNING, "", "")));
		assertNothing(fleet().report(reload(Outcome.SUCCEEDED, "", "")));
	}

	private static DeathReport death(int index, long at, Death.Cause cause, String description) {
		return new DeathReport(index, 9, 4700, 1, at, new Death(cause, description), "");
	}

	@Test
	void crashLoop() {
		FleetReport report = new FleetReport(false, null, List.of(new CrashLoop(1, 5, Facts.CLOCK + 20_000)),
				List.of(death(1, 0, Death.Cause.EXIT, "exit code 1")), NOTHING.history());
		assertThat(only(fleet().report(report), ProblemKind.CRASH_LOOP).text()).isEqualTo(
				"Worker 1 keeps dying: 5 quick deaths in a row, the last of exit code 1; the next is spawned at 12:33:24Z");
	}

	@Test
	void deathsOfLately() {
		FleetReport report = new FleetReport(false, null, List.of(),
				List.of(death(1, Facts.CLOCK - 60_000, Death.Cause.EXIT, "exit code 7"),
						death(0, Facts.CLOCK - 120_000, Death.Cause.CRASH, "crash (SIGSEGV)"),
						death(0, Facts.CLOCK - seconds(700).toMillis(), Death.Cause.SIGNAL, "signal SIGKILL")),
				NOTHING.history());
		Finding finding = only(fleet().report(report), ProblemKind.WORKER_DEATHS);
		assertThat(finding.text()).isEqualTo("Worker 1 (pid 4700) died at 12:32:04Z: exit code 7; "
				+ "before: worker 0 at 12:31:04Z: crash (SIGSEGV)");
		assertThat(finding.remedy()).startsWith("Something in the application ended its JVM");
		for (Death.Cause cause : Death.Cause.values()) {
			FleetReport other = new FleetReport(false, null, List.of(), List.of(death(1, Facts.CLOCK, cause, "it")),
					NOTHING.history());
			only(fleet().report(other), ProblemKind.WORKER_DEATHS);
		}
	}

	/**
	 * Where the same release fails, the configuration beside it is the cause.
	 */
	@Test
	void failedReloadSaysWhatWorkersThatDieAreReplacedFrom() {
		ApplicationRelease old = new ApplicationRelease("a".repeat(64), "app.jar", 1);
		ApplicationRelease other = new ApplicationRelease("b".repeat(64), "app.jar", 2);
		FleetReport failed = reload(Outcome.FAILED, "Worker 0 (pid 1): exit code 7", "");
		assertThat(only(fleet().report(withReleases(failed, old, other)), ProblemKind.BOOT_FAILURE).text()).isEqualTo(
				"Generation 2 cannot boot, and workers that die are replaced by release aaaaaaaaaaaa: exit code 7");
		assertThat(only(fleet().report(withReleases(failed, old, old)), ProblemKind.BOOT_FAILURE).text())
			.startsWith("Generation 2 cannot boot, and a worker that dies is replaced from it, too: ");
		assertThat(
				only(fleet().report(withReleases(failed, ApplicationRelease.AS_GIVEN, other)), ProblemKind.BOOT_FAILURE)
					.text())
			.startsWith("Generation 2 cannot boot, and a worker that dies is replaced from it, too: ");
	}

	private static FleetReport withReleases(FleetReport report, ApplicationRelease current,
			ApplicationRelease waiting) {
		return new FleetReport(report.paused(), report.reload(), report.crashLoops(), report.deaths(), report.history(),
				report.problems(), new FleetReport.ReleaseReport(current, waiting));
	}

	/**
	 * The worker whose place it was to take lives.
	 */
	@Test
	void deathOfAFailedReloadIsToldAsThatOnly() {
		DeathReport booting = new DeathReport(0, 9, 4700, 2, Facts.CLOCK - 5000,
				new Death(Death.Cause.BOOT_FAILURE, "while booting generation 2: no such bean"), "");
		ReloadReport reload = new ReloadReport(2, Outcome.FAILED, Facts.CLOCK - 9000, Facts.CLOCK - 5000, "it", "");
		only(fleet().report(new FleetReport(false, reload, List.of(), List.of(booting), NOTHING.history())),
				ProblemKind.BOOT_FAILURE);
		FleetReport served = new FleetReport(false, reload, List.of(),
				List.of(booting, death(1, Facts.CLOCK, Death.Cause.EXIT, "exit code 7")), NOTHING.history());
		assertThat(look(fleet().report(served))).extracting(Finding::text)
			.last(STRING)
			.startsWith("Worker 1")
			.doesNotContain("booting");
	}

	@Test
	void requestsThatFailedForWantOfMemory() {
		assertThat(only(
				fleet().told(0,
						new WorkerFacts(null, null, "", 3, "direct memory, the last GET /direct", Facts.NOW, 0, null)),
				ProblemKind.OUT_OF_MEMORY)
			.text())
			.isEqualTo("Worker 0: 3 requests failed with OutOfMemoryError: direct memory, the last GET /direct");
		assertNothing(fleet().told(0,
				new WorkerFacts(null, null, "", 3, "direct memory", Facts.NOW - seconds(601).toNanos(), 0, null)));
	}

	@Test
	void fullHeap() {
		assertThat(only(fleet().told(0, new WorkerFacts(null, null, "", 0, "", 0, 950 * Facts.GIGABYTE / 1000, null)),
				ProblemKind.HEAP_FULL)
			.text()).isEqualTo("Worker 0: 95 % of its heap is in use after a collection, 972 MB of 1024 MB");
		Facts nearly = fleet().told(0, new WorkerFacts(null, null, "", 0, "", 0, 880 * Facts.GIGABYTE / 1000, null));
		assertNothing(nearly);
		assertThat(this.rules.look(nearly.now(), (key) -> true)).as("wavering").hasSize(1);
	}

	@Test
	void fileDescriptors() {
		assertThat(only(fleet().descriptors(1, 950, 1000), ProblemKind.FILE_DESCRIPTORS).text())
			.isEqualTo("Worker 1 has 950 files and connections open, and may have 1000");
		assertNothing(fleet().descriptors(1, 850, 1000));
		assertNothing(fleet().descriptors(1, 850, 0));
	}

	@Test
	void connectionPool() {
		WorkerFacts facts = new WorkerFacts(null, null, "", 0, "", 0, 0,
				new Pool("HikariPool-1", 10, 10, 24, Facts.NOW - seconds(8).toNanos()));
		assertThat(only(fleet().told(0, facts), ProblemKind.CONNECTION_POOL).text())
			.isEqualTo("Worker 0: 24 threads wait for a connection of HikariPool-1, 10 of 10 in use, for 8 s");
		assertNothing(fleet().told(0, new WorkerFacts(null, null, "", 0, "", 0, 0,
				new Pool("HikariPool-1", 10, 10, 24, Facts.NOW - seconds(4).toNanos()))));
	}

	@Test
	void memoryOfTheContainer() {
		assertThat(only(fleet().memory(1000L << 20, 1024L << 20), ProblemKind.MEMORY_LIMIT).text())
			.startsWith("The container uses 1000 MB of the 1024 MB that it may have");
		assertNothing(fleet().memory(940L << 20, 1024L << 20));
		assertNothing(fleet().memory(1L << 40, 0));
	}

	@Test
	void cpuThatOthersHave() {
		assertThat(only(fleet().cpu(0.5, 0, 0.45), ProblemKind.CPU_TAKEN).text())
			.isEqualTo("The container's CPU limit stops the fleet for up to 45 % of the time");
		assertThat(only(fleet().cpu(0.9, 0.4, 0), ProblemKind.CPU_TAKEN).text())
			.isEqualTo("Other virtual machines of this host take 40 % of the CPU");
		assertThat(only(fleet().cpu(1, 0, 0), ProblemKind.CPU_TAKEN).text())
			.isEqualTo("Other processes of this machine use 90 % of the CPU, the fleet 10 %, and none is left");
		assertNothing(fleet().cpu(0.9, 0, 0));
		// A load generator on the same machine
		assertNothing(fleet().load(0, 1, 0, 0, 0.5).load(1, 1, 0, 0, 0.5).cpu(1, 0, 0));
		assertNothing(fleet().load(0, 0, 0, 0, 0).load(1, 0, 0, 0, 0).cpu(1, 0, 0));
		assertNothing(fleet().cpu(0.5, 0.2, 0.2));
	}

	@Test
	void fullDisk() {
		assertThat(only(fleet().disk(3L << 20), ProblemKind.DISK_FULL).text())
			.isEqualTo("The disk of /tmp for incidents is full: 3 MB are free");
		assertNothing(fleet().disk(65L << 20));
	}

	@Test
	void clockThatJumps() {
		assertThat(only(fleet().clockJump(seconds(-3600)), ProblemKind.CLOCK_JUMP).text())
			.isEqualTo("The clock of the machine jumped back by 60 min");
		assertThat(only(fleet().clockJump(seconds(6)), ProblemKind.CLOCK_JUMP).text())
			.isEqualTo("The clock of the machine jumped forth by 6 s");
		assertNothing(fleet().clockJump(seconds(4)));
	}

	@Test
	void whatIsIgnoredIsNotTold() {
		ProblemSettings d = ProblemSettings.DEFAULT;
		ProblemRules ignoring = new ProblemRules(new ProblemSettings(Set.of(ProblemKind.WORKER_STOPPED),
				d.workerStopped(), d.workerSilent(), d.carriersHeld(), d.longRequest(), d.queueWait(), d.deaths(),
				d.outOfMemory(), d.heapAfterGc(), d.fileDescriptors(), d.memoryLimit(), d.cpuTaken(),
				d.connectionPool(), d.diskFree(), d.clockJump(), d.endAfter(), d.remembered()));
		assertThat(ignoring.look(fleet().stopped(1, seconds(10)).now(), (key) -> false)).isEmpty();
	}

	/**
	 * The sentences of a fleet in which everything is wrong fit where they are shown.
	 */
	@Test
	void everythingCanBeWrongAtOnce() {
		Map<Integer, DeathReport> deaths = Map.of(0, death(1, Facts.CLOCK, Death.Cause.EXIT, "x".repeat(500)));
		FleetReport report = new FleetReport(false, new ReloadReport(2, Outcome.FAILED, 1, 2, "y".repeat(4000), ""),
				List.of(new CrashLoop(1, 5, Facts.CLOCK)), List.copyOf(deaths.values()), NOTHING.history());
		List<Finding> findings = new ArrayList<>(look(fleet().report(report)
			.stopped(0, seconds(10))
			.disk(0)
			.told(1, running(34, 57))
			.memory(1, 1)
			.cpu(1, 0, 1)
			.clockJump(seconds(100))));
		assertThat(findings).extracting(Finding::kind)
			.contains(ProblemKind.BOOT_FAILURE, ProblemKind.CRASH_LOOP, ProblemKind.WORKER_DEATHS,
					ProblemKind.WORKER_STOPPED, ProblemKind.LONG_REQUEST, ProblemKind.MEMORY_LIMIT,
					ProblemKind.CPU_TAKEN, ProblemKind.DISK_FULL, ProblemKind.CLOCK_JUMP);
		assertThat(
				new ProblemBook(ProblemSettings.DEFAULT).take(findings, Set.of(4711L, 4712L), Facts.NOW, Facts.CLOCK))
			.allSatisfy((problem) -> assertThat(problem.text()).hasSizeLessThanOrEqualTo(240));
	}

}
