package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import static dev.tomcorn.core.arbiter.FleetStory.workers;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the events that listeners receive.
 */
class FleetEventTests {

	private static final Placement FIRST = new Placement(0, 0, 1, 1);

	private static final long PID = FleetStory.FIRST_PID + 1;

	@Test
	void lifeOfAWorkerIsToldFromItsSpawnToItsExit() {
		FleetStory story = FleetStory.of(workers(1));
		assertThat(story.notified()).containsExactly(new FleetEvent.Started(1));
		assertThat(story.ready(1).notified()).singleElement()
			.isEqualTo(new FleetEvent.WorkerReady(FIRST, PID, Duration.ofMillis(1800)));
		Death death = FleetStory.death(137);
		assertThat(story.exited(1, 137).notified())
			.containsExactly(new FleetEvent.WorkerExited(FIRST, PID, false, death));
	}

	@Test
	void workerThatIsKilledIsToldBeforeItsExit() {
		FleetStory story = FleetStory.allReady(workers(1)).after(FleetStory.TIMEOUT).silentTick();
		Death death = new Death(ExitCause.SILENT, "no heartbeat within timeout (30 s)");
		assertThat(story.notified()).containsExactly(new FleetEvent.WorkerAborted(FIRST, PID, death));
		assertThat(story.recorded(1).exited(1, 137).notified()).singleElement()
			.isInstanceOfSatisfying(FleetEvent.WorkerExited.class,
					(exited) -> assertThat(exited.placement()).isEqualTo(FIRST));
	}

	@Test
	void endOfTheFleetIsToldUntilTheArbiterHalts() {
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.STOP);
		assertThat(story.notified()).containsExactly(new FleetEvent.Stopping(true));
		assertThat(story.event(Event.Signal.STOP_FAST).notified()).containsExactly(new FleetEvent.Stopping(false));
		assertThat(story.drained(1).notified()).extracting(Object::getClass)
			.isEqualTo(List.of(FleetEvent.WorkerExited.class, FleetEvent.Halted.class));
		assertThat(story.notified()).last().isEqualTo(new FleetEvent.Halted(0));
	}

	private static Problem problem(ProblemKind kind, long endedAt, String text) {
		return new Problem(kind, 0, PID, 5000, endedAt, text, "", "Do it.");
	}

	private static Event.Problems problems(Problem... problems) {
		return new Event.Problems(List.of(problems));
	}

	@Test
	void problemIsToldWhenItBeginsAndWhenItEnds() {
		FleetStory story = FleetStory.allReady(workers(1));
		Problem begun = problem(ProblemKind.LONG_REQUEST, 0, "GET /a has run for 10 s");
		story.event(problems(begun));
		assertThat(story.notified()).containsExactly(new FleetEvent.ProblemBegan(begun));
		assertThat(story.commands())
			.contains(new Command.Announce(Command.Level.WARN, "Problem: GET /a has run for 10 s. Do it."));
		Problem longer = problem(ProblemKind.LONG_REQUEST, 0, "GET /a has run for 11 s");
		assertThat(story.event(problems(longer)).notified()).isEmpty();
		assertThat(story.commands()).isEmpty();
		assertThat(story.posted()).singleElement()
			.satisfies((report) -> assertThat(report.problems()).containsExactly(longer));
		Problem over = problem(ProblemKind.LONG_REQUEST, 17_000, "GET /a has run for 11 s");
		assertThat(story.event(problems(over)).notified()).containsExactly(new FleetEvent.ProblemEnded(over));
		assertThat(story.commands())
			.contains(new Command.Announce(Command.Level.INFO, "Problem over after 12 s: GET /a has run for 11 s"));
		assertThat(story.event(problems()).notified()).isEmpty();
	}

	@Test
	void longRequestAfterTheOtherIsNotToldAsANewProblem() {
		FleetStory story = FleetStory.allReady(workers(1));
		story.event(problems(problem(ProblemKind.LONG_REQUEST, 0, "GET /a has run for 20 s")));
		Problem next = new Problem(ProblemKind.LONG_REQUEST, 0, PID, 9000, 0, "GET /b has run for 12 s", "", "Do it.");
		assertThat(story.event(problems(next)).notified()).isEmpty();
		Problem over = new Problem(ProblemKind.LONG_REQUEST, 0, PID, 9000, 17_000, "GET /b has run", "", "Do it.");
		assertThat(story.event(problems(over)).notified()).containsExactly(new FleetEvent.ProblemEnded(over));
		Problem third = new Problem(ProblemKind.LONG_REQUEST, 0, PID, 18_000, 0, "GET /c has run", "", "Do it.");
		assertThat(story.event(problems(third, over)).notified()).containsExactly(new FleetEvent.ProblemBegan(third));
	}

	@Test
	void deathThatNamesAnotherWorkerIsTheSameProblem() {
		FleetStory story = FleetStory.allReady(workers(1));
		story.event(problems(problem(ProblemKind.WORKER_DEATHS, 0, "Worker 0 died")));
		Problem other = new Problem(ProblemKind.WORKER_DEATHS, 1, PID + 1, 9000, 0, "Worker 1 died", "", "Do it.");
		assertThat(story.event(problems(other)).notified()).isEmpty();
		Problem over = new Problem(ProblemKind.WORKER_DEATHS, 1, PID + 1, 9000, 17_000, "Worker 1 died", "", "Do it.");
		assertThat(story.event(problems(over)).notified()).containsExactly(new FleetEvent.ProblemEnded(over));
	}

	@Test
	void whatTheLogTellsAnywayIsNotToldTwice() {
		FleetStory story = FleetStory.allReady(workers(1));
		Problem death = problem(ProblemKind.WORKER_DEATHS, 0, "Worker 0 died");
		assertThat(story.event(problems(death)).notified()).containsExactly(new FleetEvent.ProblemBegan(death));
		assertThat(story.commands()).noneMatch((command) -> command instanceof Command.Announce);
	}

	@Test
	void fleetThatIsToEndHasNoProblems() {
		FleetStory story = FleetStory.allReady(workers(1)).event(problems(problem(ProblemKind.DISK_FULL, 0, "full")));
		story.event(Event.Signal.STOP);
		assertThat(story.event(problems(problem(ProblemKind.WORKER_SILENT, 0, "silent"))).notified()).isEmpty();
		assertThat(story.posted()).singleElement().satisfies((report) -> assertThat(report.problems()).isEmpty());
	}

	@Test
	void fleetThatIsTakenOverStops() {
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.REPLACE);
		assertThat(story.notified()).containsExactly(new FleetEvent.Replacing());
		assertThat(story.event(new Event.SuccessorReady()).notified()).containsExactly(new FleetEvent.Stopping(true));
	}

}
