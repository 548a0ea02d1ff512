package dev.tomcorn.core.problem;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import dev.tomcorn.core.arbiter.Death;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.FleetReport.DeathReport;
import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.core.scoreboard.Trouble;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ProblemTracker}: how problems begin and end.
 */
class ProblemTrackerTests {

	private final List<List<Problem>> told = new ArrayList<>();

	private final ProblemWatch watch = new ProblemWatch(ProblemSettings.DEFAULT,
			(event) -> this.told.add(((Event.Problems) event).problems()), (level, message) -> {
				throw new IllegalStateException(message);
			});

	private Duration later = Duration.ZERO;

	/**
	 * Evaluate each second for a while.
	 */
	private List<Problem> evaluate(Facts facts, int seconds) {
		for (int second = 0; second < seconds; second++) {
			this.watch.evaluate(facts.at(this.later));
			this.later = this.later.plusSeconds(1);
		}
		return this.told.isEmpty() ? List.of() : this.told.getLast();
	}

	private static Facts busy() {
		return new Facts().load(0, 3, 0, 0, 0).load(1, 3, 0, 0, 0).queue(34, Duration.ofSeconds(5));
	}

	@Test
	void nothingIsToldOfAFleetThatIsWell() {
		evaluate(new Facts(), 100);
		assertThat(this.told).isEmpty();
	}

	@Test
	void momentOfLoadIsNoProblem() {
		evaluate(busy(), 3);
		evaluate(new Facts(), 1);
		evaluate(busy(), 3);
		evaluate(new Facts(), 1);
		assertThat(this.told).isEmpty();
	}

	@Test
	void loadThatStaysBeginsOnceAndEndsOnceHoweverItWavers() {
		evaluate(busy(), 4);
		assertThat(this.told).singleElement().satisfies((problems) -> assertThat(problems).hasSize(1));
		for (int wave = 0; wave < 5; wave++) {
			evaluate(new Facts(), 5);
			evaluate(busy(), 1);
		}
		assertThat(this.told).as("one problem, whatever wavers")
			.allSatisfy((problems) -> assertThat(problems).singleElement().satisfies((problem) -> {
				assertThat(problem.ongoing()).isTrue();
				assertThat(problem.since()).isEqualTo(Facts.CLOCK);
			}));
		List<Problem> after = evaluate(new Facts(), 15);
		assertThat(after).singleElement().satisfies((problem) -> {
			assertThat(problem.ongoing()).isFalse();
			assertThat(problem.since()).isEqualTo(Facts.CLOCK);
			assertThat(problem.endedAt()).as("when it was last seen").isEqualTo(Facts.CLOCK + 33_000);
		});
		evaluate(new Facts(), 700);
		assertThat(this.told.getLast()).as("forgotten").isEmpty();
	}

	@Test
	void problemOfAWorkerEndsWithIt() {
		Facts silent = new Facts().silent(1, Duration.ofSeconds(6), Trouble.NONE, false);
		evaluate(silent, 2);
		assertThat(this.told).as("for a moment").isEmpty();
		assertThat(evaluate(silent, 1)).singleElement().satisfies((problem) -> assertThat(problem.ongoing()).isTrue());
		assertThat(evaluate(new Facts().none(), 1)).singleElement()
			.satisfies((problem) -> assertThat(problem.ongoing()).isFalse());
	}

	@Test
	void workerThatGoesOnIsStoppedNoMore() {
		evaluate(new Facts().stopped(1, Duration.ofSeconds(2)), 1);
		assertThat(evaluate(new Facts(), 1)).singleElement().satisfies((problem) -> {
			assertThat(problem.kind()).isEqualTo(ProblemKind.WORKER_STOPPED);
			assertThat(problem.ongoing()).isFalse();
		});
	}

	@Test
	void problemThatIsCalmSaysSoAndIsBelowTheOthers() {
		evaluate(busy(), 4);
		assertThat(evaluate(new Facts(), 1)).singleElement()
			.satisfies((problem) -> assertThat(problem.text()).startsWith("All 6 places"));
		assertThat(evaluate(new Facts(), 1)).singleElement().satisfies((problem) -> {
			assertThat(problem.text())
				.isEqualTo("Calm since 12:33:07Z: All 6 places are busy, 34 connections wait about 5 s, CPU 30 %");
			assertThat(problem.ongoing()).isTrue();
		});
		assertThat(evaluate(new Facts().clockJump(Duration.ofHours(1)), 1)).extracting(Problem::kind)
			.containsExactly(ProblemKind.CLOCK_JUMP, ProblemKind.PLACES_BUSY);
		assertThat(evaluate(busy(), 1)).filteredOn((problem) -> problem.kind() == ProblemKind.PLACES_BUSY)
			.singleElement()
			.satisfies((problem) -> assertThat(problem.text()).endsWith("would help"));
	}

	@Test
	void problemThatIsOverPromisesNothing() {
		evaluate(new Facts().stopped(1, Duration.ofSeconds(2)), 1);
		assertThat(evaluate(new Facts(), 1)).singleElement()
			.satisfies((problem) -> assertThat(problem.text())
				.isEqualTo("Worker 1 (pid 4712) has been stopped by a signal since 12:33:02Z"));
	}

	/**
	 * The start stays the same while time passes.
	 */
	private static Facts running(long since) {
		return new Facts().reported(0, new WorkerFacts(
				new WorkerFacts.LongRequest("GET", "/held", Facts.NOW - Duration.ofSeconds(since).toNanos(), "", 0),
				null, "", 0, "", 0, 0, null));
	}

	@Test
	void nextLongRequestIsAProblemOfItsOwn() {
		evaluate(running(10), 5);
		assertThat(evaluate(new Facts(), 1)).singleElement().satisfies((problem) -> {
			assertThat(problem.text()).isEqualTo("Worker 0: GET /held has run for 14 s");
			assertThat(problem.endedAt() - problem.since()).isEqualTo(14_000);
		});
		assertThat(evaluate(running(6), 1)).first().satisfies((problem) -> {
			assertThat(problem.ongoing()).isTrue();
			assertThat(problem.since()).isEqualTo(Facts.CLOCK - 6000);
		});
	}

	@Test
	void longRequestsOneAfterTheOtherAreOneProblemSinceTheBeginOfTheOldest() {
		evaluate(running(20), 1);
		assertThat(evaluate(running(12), 1)).singleElement().satisfies((problem) -> {
			assertThat(problem.text()).isEqualTo("Worker 0: GET /held has run for 13 s");
			assertThat(problem.since()).isEqualTo(Facts.CLOCK - 12_000);
		});
	}

	@Test
	void deathsAreOneProblemThatNamesTheLast() {
		FleetReport one = deaths(death(0, 4700, 0));
		evaluate(new Facts().report(one), 2);
		assertThat(evaluate(new Facts().report(deaths(death(1, 4701, 2000), death(0, 4700, 0))), 1)).singleElement()
			.satisfies((problem) -> {
				assertThat(problem.ongoing()).isTrue();
				assertThat(problem.pid()).isEqualTo(4701);
				assertThat(problem.worker()).isEqualTo(1);
				assertThat(problem.since()).isEqualTo(Facts.CLOCK + 2000);
			});
	}

	private static DeathReport death(int index, long pid, long later) {
		return new DeathReport(index, 9, pid, 1, Facts.CLOCK + later, new Death(ExitCause.SIGNAL, "signal"), "");
	}

	private static FleetReport deaths(DeathReport... deaths) {
		return new FleetReport(false, null, List.of(), List.of(deaths), FleetReport.ofBytes(new byte[0]).history());
	}

	@Test
	void everyEndIsToldHoweverManyComeAtOnce() {
		ProblemTracker tracker = new ProblemTracker(ProblemSettings.DEFAULT);
		List<Finding> findings = new ArrayList<>();
		for (int worker = 0; worker < 40; worker++) {
			findings.add(new Finding(ProblemKind.DEADLOCK, worker, 0, 0, "text", "", "remedy."));
		}
		findings.add(new Finding(ProblemKind.WORKER_DEATHS, Problem.FLEET, 0, 0, "text", "", "remedy."));
		tracker.take(findings, Set.of(), Facts.NOW, Facts.CLOCK);
		assertThat(tracker.take(List.of(), Set.of(), Facts.NOW + 1, Facts.CLOCK)).hasSize(41)
			.noneMatch(Problem::ongoing);
		assertThat(tracker.take(List.of(), Set.of(), Facts.NOW + 2, Facts.CLOCK)).hasSize(Problem.MAX_OVER)
			.noneMatch((problem) -> problem.kind() == ProblemKind.WORKER_DEATHS);
	}

	@Test
	void causeComesBeforeWhatItLeadsTo() {
		List<Finding> findings = List.of(new Finding(ProblemKind.LONG_REQUEST, 0, 0, 0, "text", "", "remedy."),
				new Finding(ProblemKind.CONNECTION_POOL, 1, 0, 0, "text", "", "remedy."));
		assertThat(new ProblemTracker(ProblemSettings.DEFAULT).take(findings, Set.of(), Facts.NOW, Facts.CLOCK))
			.extracting(Problem::kind)
			.containsExactly(ProblemKind.CONNECTION_POOL, ProblemKind.LONG_REQUEST);
	}

	@Test
	void numberOfProblemsThatAreShownIsLimitedAndTheWorstComeFirst() {
		ProblemTracker tracker = new ProblemTracker(ProblemSettings.DEFAULT);
		List<Finding> findings = new ArrayList<>();
		for (int worker = 0; worker < 40; worker++) {
			findings.add(new Finding(ProblemKind.DEADLOCK, worker, 0, 0, "text", "", "remedy."));
			findings.add(new Finding(ProblemKind.WORKER_STOPPED, worker, 0, 0, "text", "", "remedy."));
		}
		for (int check = 0; check < 5; check++) {
			List<Problem> problems = shown(tracker.take(findings, Set.of(), Facts.NOW + check, Facts.CLOCK));
			assertThat(problems).hasSize(Problem.MAX);
			assertThat(problems.getFirst().kind()).isEqualTo(ProblemKind.WORKER_STOPPED);
		}
		assertThat(shown(tracker.take(findings.subList(0, 1), Set.of(), Facts.NOW + 10, Facts.CLOCK)))
			.as("one goes on, 79 are over")
			.hasSize(1 + Problem.MAX_OVER)
			.first()
			.satisfies((problem) -> assertThat(problem.ongoing()).isTrue());
	}

	private static List<Problem> shown(List<Problem> problems) {
		return FleetReport.ofBytes(FleetReport.ofBytes(new byte[0]).problems(problems).toBytes()).problems();
	}

}
