package dev.tomcorn.core.arbiter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.tomcorn.core.arbiter.FleetStory.workers;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Interruptions}: signals that reach every process of the fleet while a
 * worker cannot ignore them yet.
 */
class InterruptionsTests {

	private static final int HUP = 1;

	private static final int USR1 = 10;

	@ParameterizedTest
	@ValueSource(ints = { HUP, 2, 3, USR1, 12, 15 })
	void firstWorkerIsStartedAgain(int signal) {
		FleetStory story = FleetStory.of(workers(2)).signalled(1, signal);
		assertThat(story.spawned()).containsExactly(new Placement(0, 0, 2, 1));
		assertThat(story.lines())
			.containsExactly("INFO Worker 0 (pid 4701) was ended by signal %d while it was booting; respawning at once"
				.formatted(signal));
		assertThat(story.ready(2).spawnedIndices()).containsExactly(1);
	}

	@Test
	void firstWorkerThatClosesItsApplicationAtASignalIsStartedAgain() {
		FleetStory story = FleetStory.of(workers(2)).event(new Event.Draining(1)).signalled(1, 15);
		assertThat(story.spawnedIndices()).containsExactly(0);
	}

	@Test
	void reloadGoesOn() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.RELOAD).signalled(3, HUP);
		assertThat(story.spawned()).containsExactly(new Placement(2, 0, 4, 2));
		assertThat(story.ready(4).drained(1).ready(5).lines()).last()
			.asString()
			.isEqualTo("INFO Reload to generation 2 succeeded in 0 s");
	}

	@Test
	void isNoCrash() {
		FleetStory story = FleetStory.allReady(workers(2)).exited(1, 1);
		int streak = story.streak(0);
		story.signalled(story.spawnedAge(), USR1);
		assertThat(story.spawnedIndices()).containsExactly(0);
		assertThat(story.streak(0)).isEqualTo(streak);
		assertThat(story.commands()).doesNotHaveAnyElementsOfTypes(Command.Record.class);
		assertThat(story.report().deaths()).hasSize(1);
		assertThat(story.report().crashLoops()).isEmpty();
	}

	@Test
	void isAnEventAndCountsNowhere() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.RELOAD).signalled(3, HUP);
		FleetHistory history = story.report().history();
		assertThat(history.events()).element(history.events().size() - 2)
			.isEqualTo(new FleetHistory.Entry(0, FleetHistory.Type.ENDED, 0, FleetStory.FIRST_PID + 3, 2,
					"ended by signal 1 while it was booting"));
		assertThat(history.deaths()).isEmpty();
		assertThat(story.report().deaths()).isEmpty();
		assertThat(history.places()).singleElement().satisfies((place) -> {
			assertThat(place.restarts()).isEmpty();
			assertThat(place.lastExit().cause()).isEqualTo(ExitCause.SIGNAL);
		});
	}

	@Test
	void endlessStreamOfThemIsAFailure() {
		FleetStory story = FleetStory.of(workers(2));
		long age = 1;
		for (int times = 0; times < Interruptions.MAX; times++) {
			story.signalled(age++, HUP);
			assertThat(story.spawnedAge()).isEqualTo(age);
		}
		assertThat(story.signalled(age, HUP).commands()).endsWith(new Command.Halt(3));
	}

	@Test
	void workerThatIsReadyEndsTheStream() {
		FleetStory story = FleetStory.of(workers(1));
		for (long age = 1; age < Interruptions.MAX; age++) {
			story.signalled(age, HUP);
		}
		story.ready(Interruptions.MAX).event(Event.Signal.RELOAD);
		for (int times = 0; times < Interruptions.MAX; times++) {
			story.signalled(story.spawnedAge(), HUP);
		}
		assertThat(story.lines()).singleElement().asString().endsWith("respawning at once");
	}

	@ParameterizedTest
	@ValueSource(ints = { HUP, USR1 })
	void workerThatServesAndDiesOfOneHasCrashed(int signal) {
		FleetStory story = FleetStory.allReady(workers(2)).signalled(1, signal);
		assertThat(story.streak(0)).isOne();
		assertThat(story.lines()).singleElement().asString().contains("ended unexpectedly");
	}

	@ParameterizedTest
	@ValueSource(ints = { 9, 11, 14 })
	void otherSignalsAreFailures(int signal) {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.RELOAD).signalled(3, signal);
		assertThat(story.lines()).first().asString().startsWith("ERROR Reload to generation 2 failed");
	}

}
