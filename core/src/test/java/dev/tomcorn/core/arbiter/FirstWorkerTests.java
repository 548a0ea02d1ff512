package dev.tomcorn.core.arbiter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.tomcorn.core.arbiter.FleetStory.workers;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the exit code of an arbiter whose first worker ends before it serves.
 */
class FirstWorkerTests {

	@ParameterizedTest
	@CsvSource({ "0, INFO", "1, WARN", "7, WARN", "255, WARN" })
	void jobThatEndsByItselfEndsTheFleetWithItsExitCode(int exitCode, String level) {
		FleetStory story = FleetStory.of(workers(3)).event(new Event.Draining(1));
		assertThat(story.lines()).containsExactly("INFO Worker 0 (pid 4701) is ending before it was ready");
		assertThat(story.spawned()).isEmpty();
		story.exited(1, exitCode);
		assertThat(story.lines())
			.containsExactly("%s Worker 0 (pid 4701) has ended by itself before it served: the arbiter ends, too, with "
				.formatted(level) + "the same exit code " + exitCode);
		assertThat(story.commands()).endsWith(new Command.Halt(exitCode));
		assertThat(story.notified()).endsWith(new FleetEvent.Halted(exitCode));
	}

	@Test
	void jobThatEndsWithoutClosingItsApplicationDoesSo() {
		assertThat(FleetStory.of(workers(3)).exited(1, 7).commands()).endsWith(new Command.Halt(7));
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 7 })
	void workerThatNeverJoinedIsABootFailure(int exitCode) {
		assertThat(FleetStory.of(workers(3)).exitedUnheard(1, exitCode).commands()).endsWith(new Command.Halt(3));
	}

	@ParameterizedTest
	@CsvSource({ "0, 3", "1, 3", "2, 2", "42, 42" })
	void exitCodeThatAnApplicationChoosesForItsFailureIsKept(int chosen, int halted) {
		FleetStory story = FleetStory.of(workers(3)).event(new Event.BootFailed(1, "No licence")).exited(1, chosen);
		assertThat(story.commands()).endsWith(new Command.Halt(halted));
		assertThat(story.lines()).containsExactly("ERROR Worker 0 (pid 4701) could not boot: No licence. "
				+ "No worker has booted, so the arbiter halts with exit code %d".formatted(halted));
	}

	@Test
	void workerThatIsKilledIsABootFailure() {
		assertThat(FleetStory.of(workers(3)).signalled(1, 9).commands()).endsWith(new Command.Halt(3));
	}

	@Test
	void fleetThatIsToStopStopsWhateverItsFirstWorkerEndsWith() {
		FleetStory story = FleetStory.of(workers(3)).event(Event.Signal.STOP).exited(1, 7);
		assertThat(story.commands()).endsWith(new Command.Halt(0));
	}

	@Test
	void endOfTheFirstWorkerOfAReloadIsAFailedReload() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.RELOAD);
		story.exited(story.spawnedAge(), 7);
		assertThat(story.lines()).first().asString().startsWith("ERROR Reload to generation 2 failed");
		assertThat(story.commands()).doesNotHaveAnyElementsOfTypes(Command.Halt.class);
	}

	@Test
	void endOfAWorkerThatServedIsNoEndOfTheFleet() {
		FleetStory story = FleetStory.of(workers(2)).ready(1).event(new Event.Draining(1)).exited(1, 0);
		assertThat(story.commands()).doesNotHaveAnyElementsOfTypes(Command.Halt.class);
	}

}
