package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.tomcorn.core.arbiter.ApplicationRelease;
import dev.tomcorn.core.arbiter.Death;
import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.arbiter.FleetHistory;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.FleetReport.CrashLoop;
import dev.tomcorn.core.arbiter.FleetReport.DeathReport;
import dev.tomcorn.core.arbiter.FleetReport.ReloadOutcome;
import dev.tomcorn.core.arbiter.FleetReport.ReloadReport;
import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.core.problem.FleetFacts.Disk;
import dev.tomcorn.core.problem.WorkerFacts.Carriers;
import dev.tomcorn.core.problem.WorkerFacts.LongRequest;
import dev.tomcorn.core.problem.WorkerFacts.Pool;
import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

/**
 * Tests for {@link ProblemRules}: the sentence of each kind of problem, and its absence
 * below its limit.
 */
class ProblemRulesTests {

	private static final FleetReport NOTHING = FleetReport.ofBytes(new byte[0]);

	private final ProblemRules rules = new ProblemRules(ProblemSettings.DEFAULT);

	private static Facts fleet() {
		return new Facts();
	}

	private List<Finding> findings(Facts facts) {
		return this.rules.evaluate(facts.now(), (key) -> false);
	}

	private void assertNothing(Facts facts) {
		assertThat(findings(facts)).isEmpty();
	}

	private Finding only(Facts facts, ProblemKind kind) {
		List<Finding> findings = findings(facts);
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
			.reported(1,
					new WorkerFacts(null, new Carriers(2, 2, "PinController.java:64", 0, 0), "", 0, "", 0, 0, null))
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
		Finding finding = only(fleet().reported(1, lent(12)), ProblemKind.CARRIERS_HELD);
		assertThat(finding.text())
			.isEqualTo("Worker 1: 2 of 2 carrier threads are held by PinController.java:64 for 12 s; "
					+ "it goes on with 6 more, which are lent");
		assertThat(finding.since()).isEqualTo(Facts.CLOCK - 12_000);
		assertThat(only(fleet().reported(1, lent(12)).silent(1, seconds(12), Trouble.GARBAGE_COLLECTION, true),
				ProblemKind.WORKER_SILENT)
			.text()).contains("collect garbage");
		assertNothing(fleet().reported(1, lent(2)));
	}

	private static WorkerFacts lent(int seconds) {
		return new WorkerFacts(null,
				new Carriers(2, 2, "PinController.java:64", 6, Facts.NOW - seconds(seconds).toNanos()), "", 0, "", 0, 0,
				null);
	}

	@Test
	void deadlock() {
		assertThat(
				only(fleet().reported(0, new WorkerFacts(null, null, "deadlock of 2 threads: a, b", 0, "", 0, 0, null)),
						ProblemKind.DEADLOCK)
					.text())
			.isEqualTo("Worker 0 has a deadlock of 2 threads: a, b; it is being replaced");
	}

	private static WorkerFacts running(long seconds, double usualMillis) {
		return new WorkerFacts(new LongRequest("GET", "/stuck", Facts.NOW - seconds(seconds).toNanos(),
				"StuckController.java:31", usualMillis), null, "", 0, "", 0, 0, null);
	}

	@Test
	void longRequest() {
		assertThat(only(fleet().reported(0, running(34, 57)), ProblemKind.LONG_REQUEST).text()).isEqualTo(
				"Worker 0: GET /stuck has run for 34 s at StuckController.java:31; 99 of 100 take less than 57 ms");
		assertThat(only(fleet().reported(0, running(34, 0)), ProblemKind.LONG_REQUEST).text())
			.isEqualTo("Worker 0: GET /stuck has run for 34 s at StuckController.java:31");
		assertNothing(fleet().reported(0, running(9, 57)));
		assertNothing(fleet().reported(0, running(34, 5000)));
		assertThat(only(fleet().reported(0, running(51, 5000)), ProblemKind.LONG_REQUEST).text())
			.endsWith("has run for 51 s at StuckController.java:31; 99 of 100 take less than 5 s");
	}

	/**
	 * It does not matter whether such requests are usual.
	 */
	@Test
	void requestThatWaitsForTheExitItHasCalled() {
		Finding finding = only(fleet().exits(0, "DeathController.java:29").reported(0, running(19, 5000)),
				ProblemKind.LONG_REQUEST);
		assertThat(finding.text()).isEqualTo("Worker 0 (pid 4711) is ending: DeathController.java:29 called "
				+ "System.exit; it waits for 1 request until 12:33:14Z");
		assertThat(finding.remedy()).doesNotContain("interrupt");
		assertThat(only(fleet().exits(0, "").reported(0, running(19, 0)), ProblemKind.LONG_REQUEST).text())
			.startsWith("Worker 0: GET /stuck has run for 19 s");
	}

	@Test
	void requestThatWaitsForItsClient() {
		WorkerFacts facts = new WorkerFacts(new LongRequest("POST", "/echo", Facts.NOW - seconds(20).toNanos(),
				LongRequest.CLIENT_BODY + ", at NioEndpoint.java:1718", 0), null, "", 0, "", 0, 0, null);
		Finding finding = only(fleet().reported(0, facts), ProblemKind.LONG_REQUEST);
		assertThat(finding.text())
			.isEqualTo("Worker 0: POST /echo waits for its client to send the body, 20 s after it began");
		assertThat(finding.remedy()).startsWith("See the client");
	}

	@Test
	void longRequestGoesOnWhileItsWorkerIsStopped() {
		Facts facts = fleet().reported(0, running(34, 0)).stopped(0, seconds(10));
		assertThat(this.rules.evaluate(facts.now(), (key) -> true)).extracting(Finding::kind)
			.contains(ProblemKind.WORKER_STOPPED, ProblemKind.LONG_REQUEST);
		only(facts, ProblemKind.WORKER_STOPPED);
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
		assertThat(full.fact()).endsWith("CPU 100 %");
		assertThat(full.remedy()).startsWith("Add CPUs");
		Finding waiting = only(
				fleet().load(0, 3, 0, 0, 0)
					.load(1, 3, 0, 0, 0)
					.queue(34, seconds(5))
					.reported(1,
							new WorkerFacts(null, null, "", 0, "", 0, 0,
									new WorkerFacts.Pool("HikariPool-1", 1, 1, 2, Facts.NOW))),
				ProblemKind.PLACES_BUSY);
		assertThat(waiting.text())
			.endsWith("more tomcorn.threads would not help while requests wait for a pool of connections");
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
	void busyPlacesOfAFleetWhoseNeighboursHaveTheCpu() {
		Facts facts = fleet().load(0, 3, 0, 0, 0.04)
			.load(1, 3, 0, 0, 0.04)
			.reported(0, running(6, 0))
			.queue(34, Duration.ofMillis(5900))
			.workerClass("gthread");
		Finding sleeping = finding(facts.cpu(1, 0, 0), ProblemKind.PLACES_BUSY);
		assertThat(sleeping.text()).isEqualTo("All 6 places are busy, 34 connections wait about 5.9 s, CPU 100 %, "
				+ "the fleet 4 %: more tomcorn.threads would help, unless the requests lack CPU; "
				+ "the oldest request is at StuckController.java:31");
		assertThat(sleeping.remedy())
			.isEqualTo("See with top what has the CPU, and what the requests wait for, or raise tomcorn.threads.");
		Finding starved = finding(facts.load(0, 3, 0, 0, 0.5).load(1, 3, 0, 0, 0.5), ProblemKind.PLACES_BUSY);
		assertThat(starved.text()).endsWith(
				"CPU 100 %, the fleet 50 %: more tomcorn.threads would not help while other processes have the CPU");
		assertThat(starved.remedy()).contains("top");
	}

	private Finding finding(Facts facts, ProblemKind kind) {
		return findings(facts).stream().filter((finding) -> finding.kind() == kind).findFirst().orElseThrow();
	}

	@Test
	void loadThatGoesDownSlowlyIsOneProblem() {
		Facts facts = fleet().load(0, 3, 0, 0, 0).load(1, 3, 0, 0, 0).queue(34, Duration.ofMillis(600));
		assertThat(this.rules.evaluate(facts.now(), (key) -> true)).hasSize(1);
		assertThat(this.rules.evaluate(facts.queue(34, Duration.ofMillis(400)).now(), (key) -> true)).isEmpty();
	}

	private static FleetReport reload(ReloadOutcome outcome, String cause, String failure) {
		return new FleetReport(false,
				new ReloadReport(2, outcome, Facts.CLOCK - 9000, Facts.CLOCK - 5000, cause, failure), List.of(),
				List.of(), NOTHING.history());
	}

	@Test
	void generationThatCannotBoot() {
		Finding finding = only(fleet().report(reload(ReloadOutcome.FAILED,
				"Worker 1 (pid 4712) could not boot: Failed to bind properties under 'server.port': Property: server.port",
				"Failed to bind properties\n\n    Origin: class path resource [application.properties] - 1:13\n")),
				ProblemKind.BOOT_FAILURE);
		assertThat(finding.text()).isEqualTo(
				"The reload of 12:32:55Z to generation 2 failed: class path resource [application.properties] - 1:13: "
						+ "Failed to bind properties under 'server.port'; "
						+ "the old one serves, but a worker that dies boots what is on disk");
		assertThat(finding.since()).isEqualTo(Facts.CLOCK - 5000);
		assertThat(only(fleet().report(reload(ReloadOutcome.FAILED, "Worker 0 (pid 1): exit code 7", "")),
				ProblemKind.BOOT_FAILURE)
			.text())
			.isEqualTo("The reload of 12:32:55Z to generation 2 failed: exit code 7; the old one serves, "
					+ "but a worker that dies boots what is on disk");
		assertThat(only(fleet().report(reload(ReloadOutcome.FAILED, "Worker 0 (pid 1): " + "x".repeat(500), "")),
				ProblemKind.BOOT_FAILURE)
			.text())
			.matches("The reload of 12:32:55Z to generation 2 failed: x{109}…; the old one serves, "
					+ "but a worker that dies boots what is on disk")
			.hasSizeLessThanOrEqualTo(240);
		assertNothing(fleet().report(reload(ReloadOutcome.RUNNING, "", "")));
		assertNothing(fleet().report(reload(ReloadOutcome.SUCCEEDED, "", "")));
	}

	private static DeathReport death(int index, long at, ExitCause cause, String description) {
		return new DeathReport(index, 9, 4700, 1, at, new Death(cause, description), "");
	}

	@Test
	void crashLoop() {
		FleetReport report = loop(5, death(1, Facts.CLOCK - 3000, ExitCause.EXIT, "exit code 1 by A.java:3"),
				death(0, Facts.CLOCK - 4000, ExitCause.CRASH, "crash"),
				death(1, Facts.CLOCK - 12_000, ExitCause.SIGNAL, "signal SIGKILL"));
		Finding waiting = finding(fleet().none().report(report), ProblemKind.CRASH_LOOP);
		assertThat(waiting.text()).isEqualTo("Worker 1 died 5 times, 2 of them within 9 s, "
				+ "the last at 12:33:01Z: exit code 1 by A.java:3; the next boots at 12:33:24Z");
		assertThat(waiting.remedy()).startsWith("A.java:3 ended the JVM with System.exit");
		assertThat(waiting.evidence()).isEqualTo("over when one has served for a minute");
		assertThat(waiting.since()).isEqualTo(Facts.CLOCK - 12_000);
		assertThat(finding(fleet().state(1, WorkerState.STARTING).report(report), ProblemKind.CRASH_LOOP).text())
			.endsWith("by A.java:3; the next is booting");
	}

	private static FleetReport loop(int deaths, DeathReport... reports) {
		return new FleetReport(false, null, List.of(new CrashLoop(1, deaths, Facts.CLOCK + 20_000)), List.of(reports),
				NOTHING.history());
	}

	@Test
	void crashLoopWhosePlaceIsServed() {
		Finding finding = finding(
				fleet().report(loop(2, death(1, Facts.CLOCK - 21_000, ExitCause.SIGNAL, "signal SIGKILL"),
						death(1, Facts.CLOCK - 25_000, ExitCause.SIGNAL, "signal SIGKILL"))),
				ProblemKind.CRASH_LOOP);
		assertThat(finding.text()).isEqualTo("Worker 1 died 2 times within 4 s, "
				+ "the last at 12:32:43Z: signal SIGKILL; pid 4712 has served its place since 12:32:44Z");
		assertThat(finding.fact()).endsWith(": signal SIGKILL");
		assertThat(finding.evidence()).isEqualTo("over at 12:33:44Z unless it dies");
		assertThat(finding.remedy()).isEqualTo("Find out who sent the signal: only the arbiter should.");
	}

	@Test
	void crashLoopOfWorkersThatDoNotBootIsMendedByWhatBoots() {
		assertThat(finding(
				fleet().none().report(loop(2, death(1, Facts.CLOCK, ExitCause.EXIT, "while booting: no such bean"))),
				ProblemKind.CRASH_LOOP)
			.remedy()).contains("Put back what was changed last");
	}

	/**
	 * The end of such a worker is not a death: it has drained.
	 */
	@Test
	void crashLoopOfWorkersThatEndThemselvesInOrder() {
		FleetHistory nothing = NOTHING.history();
		FleetHistory history = new FleetHistory(nothing.events(), nothing.deaths(), 0, nothing.reloads(),
				nothing.boots(), nothing.drains(), List.of(new FleetHistory.Place(1, Map.of(),
						new FleetHistory.Exit(Facts.CLOCK - 21_000, ExitCause.EXIT, "ended itself"))),
				0);
		Finding finding = finding(
				fleet().report(new FleetReport(false, null, List.of(new CrashLoop(1, 2, 0)),
						List.of(death(1, Facts.CLOCK - 25_000, ExitCause.SIGNAL, "signal SIGKILL")), history)),
				ProblemKind.CRASH_LOOP);
		assertThat(finding.text()).isEqualTo("Worker 1 died 2 times, the last at 12:32:43Z: ended itself; "
				+ "pid 4712 has served its place since 12:32:44Z");
		assertThat(finding.remedy()).contains("TERM").hasSizeLessThanOrEqualTo(160);
	}

	@Test
	void crashLoopDoesNotCountTheBootsOfAFailedReload() {
		FleetReport report = new FleetReport(false,
				new ReloadReport(2, ReloadOutcome.FAILED, Facts.CLOCK - 9000, Facts.CLOCK - 5000, "it", ""),
				List.of(new CrashLoop(1, 2, 0)),
				List.of(new DeathReport(1, 9, 4700, 2, Facts.CLOCK - 5000,
						new Death(ExitCause.BOOT_FAILURE, "while booting generation 2: no such bean"), ""),
						death(1, Facts.CLOCK - 25_000, ExitCause.SIGNAL, "signal SIGKILL")),
				NOTHING.history());
		assertThat(finding(fleet().report(report), ProblemKind.CRASH_LOOP).text())
			.contains("the last at 12:32:39Z: signal SIGKILL");
	}

	/**
	 * It counts as dead when it starts to drain, and is reported as a death at its end.
	 */
	@Test
	void crashLoopWhoseLastWorkerIsEndingNamesIt() {
		Finding finding = finding(
				fleet().exits(1, "A.java:29")
					.report(loop(2, death(1, Facts.CLOCK - 25_000, ExitCause.SIGNAL, "signal SIGKILL"))),
				ProblemKind.CRASH_LOOP);
		assertThat(finding.text()).startsWith("Worker 1 died 2 times, the last is ending: A.java:29 called System.exit")
			.doesNotContain("SIGKILL");
		assertThat(finding.remedy()).startsWith("A.java:29 ended the JVM");
	}

	@Test
	void deathsOfLately() {
		FleetReport report = new FleetReport(false, null, List.of(),
				List.of(death(1, Facts.CLOCK - 60_000, ExitCause.EXIT, "exit code 7"),
						death(0, Facts.CLOCK - 120_000, ExitCause.CRASH, "crash (SIGSEGV)"),
						death(0, Facts.CLOCK - seconds(700).toMillis(), ExitCause.SIGNAL, "signal SIGKILL")),
				NOTHING.history());
		Finding finding = only(fleet().report(report), ProblemKind.WORKER_DEATHS);
		assertThat(finding.text()).isEqualTo("Worker 1 (pid 4700) died at 12:32:04Z: exit code 7; "
				+ "pid 4712 has served since 12:32:44Z; earlier deaths: worker 0 at 12:31:04Z");
		assertThat(finding.remedy()).startsWith("Runtime.halt or native code ended the JVM");
		assertThat(finding.since()).isEqualTo(Facts.CLOCK - 60_000);
		assertThat(finding.worker()).isEqualTo(1);
		assertThat(finding.pid()).isEqualTo(4700);
		assertThat(only(fleet().inState(1, seconds(90)).report(report), ProblemKind.WORKER_DEATHS).text())
			.contains("exit code 7; pid 4712 had taken over at 12:31:34Z; earlier deaths: ");
		assertThat(only(fleet().state(1, WorkerState.STARTING).report(report), ProblemKind.WORKER_DEATHS).text())
			.startsWith("Worker 1 (pid 4700) died at 12:32:04Z: exit code 7; the next is booting; earlier deaths: ");
		for (ExitCause cause : ExitCause.DEATHS) {
			FleetReport other = new FleetReport(false, null, List.of(), List.of(death(1, Facts.CLOCK, cause, "it")),
					NOTHING.history());
			only(fleet().report(other), ProblemKind.WORKER_DEATHS);
		}
	}

	@Test
	void failedReloadNamesTheWorkersThatDoNotStayUp() {
		FleetReport failed = reload(ReloadOutcome.FAILED, "Worker 0 (pid 1): exit code 7", "");
		FleetReport loop = new FleetReport(false, failed.reload(), List.of(new CrashLoop(1, 2, Facts.CLOCK)), List.of(),
				NOTHING.history());
		assertThat(finding(fleet().state(1, WorkerState.STARTING).report(loop), ProblemKind.BOOT_FAILURE).text())
			.endsWith("exit code 7; the old one serves, but worker 1 dies again and again");
		assertThat(finding(fleet().report(loop), ProblemKind.BOOT_FAILURE).text())
			.endsWith("; the old one serves, but a worker that dies boots what is on disk");
	}

	@Test
	void fileOfAFailedReloadIsNamedAsItsPathWithLineAndColumn() {
		assertThat(only(fleet().report(reload(ReloadOutcome.FAILED, "Worker 0 (pid 1): Failed to bind",
				"Failed\n\n    Origin: URL [file:/etc/app/changed.yml] - 4:12\n")), ProblemKind.BOOT_FAILURE)
			.text()).contains(" failed: /etc/app/changed.yml:4:12: Failed to bind; ");
	}

	/**
	 * If the same release fails, the configuration is the cause.
	 */
	@Test
	void failedReloadSaysWhatWorkersThatDieAreReplacedFrom() {
		ApplicationRelease old = new ApplicationRelease("a".repeat(64), "app.jar", 1);
		ApplicationRelease other = new ApplicationRelease("b".repeat(64), "app.jar", 2);
		FleetReport failed = reload(ReloadOutcome.FAILED, "Worker 0 (pid 1): exit code 7", "");
		assertThat(only(fleet().report(withReleases(failed, old, other)), ProblemKind.BOOT_FAILURE).text()).endsWith(
				" failed: exit code 7; the old one serves, workers that die are replaced by release aaaaaaaaaaaa");
		for (ApplicationRelease current : List.of(old, ApplicationRelease.AS_GIVEN)) {
			assertThat(only(fleet().report(withReleases(failed, current, current.kept() ? old : other)),
					ProblemKind.BOOT_FAILURE)
				.text()).endsWith("; the old one serves, but a worker that dies boots what is on disk");
		}
	}

	private static FleetReport withReleases(FleetReport report, ApplicationRelease current,
			ApplicationRelease waiting) {
		return new FleetReport(report.paused(), report.reload(), report.crashLoops(), report.deaths(), report.history(),
				report.problems(), new FleetReport.ReleaseReport(current, waiting));
	}

	/**
	 * The worker that it was meant to replace is alive.
	 */
	@Test
	void deathOfAFailedReloadIsToldAsThatOnly() {
		DeathReport booting = new DeathReport(0, 9, 4700, 2, Facts.CLOCK - 5000,
				new Death(ExitCause.BOOT_FAILURE, "while booting generation 2: no such bean"), "");
		ReloadReport reload = new ReloadReport(2, ReloadOutcome.FAILED, Facts.CLOCK - 9000, Facts.CLOCK - 5000, "it",
				"");
		only(fleet().report(new FleetReport(false, reload, List.of(), List.of(booting), NOTHING.history())),
				ProblemKind.BOOT_FAILURE);
		FleetReport served = new FleetReport(false, reload, List.of(),
				List.of(booting, death(1, Facts.CLOCK, ExitCause.EXIT, "exit code 7")), NOTHING.history());
		assertThat(findings(fleet().report(served))).extracting(Finding::text)
			.last(STRING)
			.startsWith("Worker 1")
			.doesNotContain("booting");
	}

	@Test
	void requestsThatFailedForWantOfMemory() {
		assertThat(only(
				fleet().reported(0,
						new WorkerFacts(null, null, "", 3, "direct memory, the last GET /direct", Facts.NOW, 0, null)),
				ProblemKind.OUT_OF_MEMORY)
			.text())
			.isEqualTo("Worker 0: 3 requests failed with OutOfMemoryError: direct memory, the last GET /direct");
		assertNothing(fleet().reported(0,
				new WorkerFacts(null, null, "", 3, "direct memory", Facts.NOW - seconds(601).toNanos(), 0, null)));
	}

	@Test
	void fullHeap() {
		assertThat(
				only(fleet().reported(0, new WorkerFacts(null, null, "", 0, "", 0, 950 * Facts.GIGABYTE / 1000, null)),
						ProblemKind.HEAP_FULL)
					.text())
			.isEqualTo("Worker 0: 95 % of its heap is in use after a collection, 972 MB of 1024 MB");
		Facts nearly = fleet().reported(0,
				new WorkerFacts(null, null, "", 0, "", 0, 880 * Facts.GIGABYTE / 1000, null));
		assertNothing(nearly);
		assertThat(this.rules.evaluate(nearly.now(), (key) -> true)).as("wavering").hasSize(1);
	}

	@Test
	void fileDescriptors() {
		assertThat(only(fleet().descriptors(1, 950, 1000), ProblemKind.FILE_DESCRIPTORS).text())
			.isEqualTo("Worker 1 has 950 files and connections open, of at most 1000");
		assertThat(only(fleet().descriptors(1, 950, 1000).connections(1, 700), ProblemKind.FILE_DESCRIPTORS).text())
			.endsWith("of at most 1000; 700 are connections of clients");
		assertNothing(fleet().descriptors(1, 850, 1000));
		assertNothing(fleet().descriptors(1, 850, 0));
	}

	@Test
	void connectionPool() {
		WorkerFacts facts = new WorkerFacts(null, null, "", 0, "", 0, 0,
				new Pool("HikariPool-1", 10, 10, 24, Facts.NOW - seconds(8).toNanos()));
		assertThat(only(fleet().reported(0, facts), ProblemKind.CONNECTION_POOL).text()).isEqualTo(
				"Worker 0: 24 threads wait for a connection of HikariPool-1, which has had none free for 8 s: 10 of 10 are in use");
		assertNothing(fleet().reported(0, new WorkerFacts(null, null, "", 0, "", 0, 0,
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
			.isEqualTo("Other processes of this machine use 90 % of the CPU, the fleet 10 %, and no CPU is idle");
		assertNothing(fleet().cpu(0.9, 0, 0));
		// A load generator on the same machine
		assertNothing(fleet().load(0, 1, 0, 0, 0.5).load(1, 1, 0, 0, 0.5).cpu(1, 0, 0));
		assertNothing(fleet().load(0, 0, 0, 0, 0).load(1, 0, 0, 0, 0).cpu(1, 0, 0));
		assertNothing(fleet().cpu(0.5, 0.2, 0.2));
	}

	@Test
	void smallDiskIsFullWhenLessThanHalfOfItIsFree() {
		long size = 64L << 20;
		assertNothing(fleet().disks(new Disk("shared memory", "/dev/shm", size / 2, size)));
		assertThat(only(fleet().disks(new Disk("shared memory", "/dev/shm", size / 2 - 1, size)), ProblemKind.DISK_FULL)
			.text()).contains("/dev/shm");
	}

	@Test
	void fullDisk() {
		assertThat(only(fleet().disk(3L << 20), ProblemKind.DISK_FULL).text())
			.isEqualTo("The disk of /tmp for incidents is nearly full: 3 MB are free, less than 64 MB");
		assertNothing(fleet().disk(65L << 20));
		assertThat(only(
				fleet().disks(new Disk("incidents", "/incidents", 3L << 20, 1L << 30),
						new Disk("spare", "/", 1L << 40, 1L << 41), new Disk("temporary files", "/tmp", 0, 1L << 30)),
				ProblemKind.DISK_FULL)
			.text())
			.isEqualTo("The disk of /tmp for temporary files is full: 0 MB are free, less than 64 MB; "
					+ "that of /incidents for incidents: 3 MB");
	}

	@Test
	void clockThatJumps() {
		assertThat(only(fleet().clockJump(seconds(-3600)), ProblemKind.CLOCK_JUMP).text())
			.isEqualTo("The clock of the machine jumped back by 60 min, to 12:33:04Z");
		assertThat(only(fleet().clockJump(seconds(6)), ProblemKind.CLOCK_JUMP).text())
			.isEqualTo("The clock of the machine jumped forward by 6 s, to 12:33:04Z");
		assertNothing(fleet().clockJump(seconds(4)));
	}

	@Test
	void whatIsIgnoredIsNotTold() {
		ProblemSettings d = ProblemSettings.DEFAULT;
		ProblemRules ignoring = new ProblemRules(new ProblemSettings(Set.of(ProblemKind.WORKER_STOPPED),
				d.workerStopped(), d.workerSilent(), d.carriersHeld(), d.longRequest(), d.queueWait(), d.deaths(),
				d.outOfMemory(), d.heapAfterGc(), d.fileDescriptors(), d.memoryLimit(), d.cpuTaken(),
				d.connectionPool(), d.diskFree(), d.clockJump(), d.endAfter(), d.remembered()));
		assertThat(ignoring.evaluate(fleet().stopped(1, seconds(10)).now(), (key) -> false)).isEmpty();
	}

	/**
	 * The sentences of a fleet with every problem fit into their space.
	 */
	@Test
	void everythingCanBeWrongAtOnce() {
		Map<Integer, DeathReport> deaths = Map.of(0, death(1, Facts.CLOCK, ExitCause.EXIT, "x".repeat(500)));
		FleetReport report = new FleetReport(false,
				new ReloadReport(2, ReloadOutcome.FAILED, 1, 2, "y".repeat(4000), ""),
				List.of(new CrashLoop(1, 5, Facts.CLOCK)), List.copyOf(deaths.values()), NOTHING.history());
		List<Finding> findings = new ArrayList<>(findings(fleet().report(report)
			.stopped(0, seconds(10))
			.disk(0)
			.reported(1, running(34, 57))
			.memory(1, 1)
			.cpu(1, 0, 1)
			.clockJump(seconds(100))));
		assertThat(findings).extracting(Finding::kind)
			.contains(ProblemKind.BOOT_FAILURE, ProblemKind.CRASH_LOOP, ProblemKind.WORKER_DEATHS,
					ProblemKind.WORKER_STOPPED, ProblemKind.LONG_REQUEST, ProblemKind.MEMORY_LIMIT,
					ProblemKind.CPU_TAKEN, ProblemKind.DISK_FULL, ProblemKind.CLOCK_JUMP);
		assertThat(new ProblemTracker(ProblemSettings.DEFAULT).take(findings, Set.of(4711L, 4712L), Facts.NOW,
				Facts.CLOCK))
			.allSatisfy((problem) -> assertThat(problem.text()).hasSizeLessThanOrEqualTo(240));
	}

}
