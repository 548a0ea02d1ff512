package dev.tomcorn.core.arbiter;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;

import static dev.tomcorn.core.arbiter.FleetStory.GRACEFUL_TIMEOUT;
import static dev.tomcorn.core.arbiter.FleetStory.INSTANT;
import static dev.tomcorn.core.arbiter.FleetStory.SECOND;
import static dev.tomcorn.core.arbiter.FleetStory.TIMEOUT;
import static dev.tomcorn.core.arbiter.FleetStory.workers;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Ending}: the listener's queue when the fleet stops, pause and resume,
 * and the replacement of the arbiter.
 */
class StopTests {

	private static final Command CLOSE = new Command.CloseListener();

	@Test
	void clientsThatQueueAreServedBeforeTheListenerCloses() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.STOP);
		for (int seconds = 1; seconds <= 5; seconds++) {
			assertThat(story.after(SECOND).tick(3).commands()).isEmpty();
		}
		assertThat(story.after(SECOND).tick(0).commands()).isEmpty();
		Duration left = GRACEFUL_TIMEOUT.minusSeconds(7);
		assertThat(story.after(SECOND).tick(0).commands()).containsExactly(CLOSE, new Command.Stop(1, left),
				new Command.Stop(2, left));
	}

	@Test
	void clientThatComesBetweenTwoLooksIsServedToo() {
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.STOP);
		assertThat(story.tick(0).tick(1).tick(0).commands()).isEmpty();
		assertThat(story.tick(0).commands()).contains(CLOSE);
	}

	@Test
	void queueThatDoesNotEmptyLeavesTheDrainHalfOfTheGracefulTimeout() {
		Duration half = GRACEFUL_TIMEOUT.dividedBy(2);
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.STOP);
		assertThat(story.after(half.minus(INSTANT)).tick(9).commands()).isEmpty();
		assertThat(story.after(INSTANT).tick(9).commands()).containsExactly(CLOSE, new Command.Stop(1, half));
	}

	@Test
	void arbiterThatHasNotTakenOverYetLeavesTheSharedListenerOpenToTheOther() {
		FleetStory story = FleetStory.replacing(workers(1)).ready(1);
		assertThat(story.commands()).contains(new Command.TakeOver());
		assertThat(story.event(Event.Signal.STOP).commands()).doesNotContain(new Command.RefuseConnections());
		assertThat(story.stoppedAges()).containsExactly(1L);
	}

	@Test
	void arbiterThatHasTakenOverTurnsClientsAwayAsAnyOther() {
		FleetStory story = FleetStory.replacing(workers(1)).ready(1).event(new Event.PredecessorReleased());
		assertThat(story.event(Event.Signal.STOP).commands()).contains(new Command.RefuseConnections());
		assertThat(story.stopped()).isEmpty();
	}

	@Test
	void queueThatCannotBeReadCountsAsEmpty() {
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.STOP);
		assertThat(story.tick(-1).tick(-1).commands()).contains(CLOSE);
	}

	@Test
	void gracefulTimeoutOfZeroWaitsForNobody() {
		ArbiterSettings settings = new ArbiterSettings(1, 0, 1, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO,
				FleetStory.CLOSE_TIMEOUT, ArbiterSettings.RECORD_LIMIT);
		assertThat(FleetStory.allReady(settings).event(Event.Signal.STOP).commands())
			.contains(new Command.RefuseConnections(), CLOSE, new Command.Stop(1, Duration.ZERO));
	}

	@Test
	void listenerClosesWhenNobodyIsLeftToServeTheQueue() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.SCALE_DOWN).event(Event.Signal.STOP);
		assertThat(story.exited(1, 137).tick(5).commands()).contains(CLOSE);
	}

	@Test
	void workersThatFallSilentWhileTheQueueEmptiesAreFound() {
		FleetStory story = FleetStory.allReady(workers(2)).after(TIMEOUT.minus(SECOND)).event(Event.Signal.STOP);
		assertThat(story.after(SECOND).tickWithout(2).recording()).containsExactly(2L);
	}

	@Test
	void pauseDrainsEverybodyAndSpawnsNobody() {
		FleetStory story = FleetStory.allReady(workers(2, 1)).event(Event.Signal.PAUSE);
		assertThat(story.stoppedAges()).containsExactlyInAnyOrder(1L, 2L, 3L);
		assertThat(story.commands()).contains(new Command.Publish(1, workers(2, 1), 0)).doesNotContain(CLOSE);
		assertThat(story.report().paused()).isTrue();
		story.drained(1).drained(2).drained(3);
		assertThat(story.after(Duration.ofHours(1)).tick().commands()).isEmpty();
		assertThat(story.living()).isEmpty();
	}

	@Test
	void secondPauseChangesNothing() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.PAUSE);
		assertThat(story.event(Event.Signal.PAUSE).commands()).isEmpty();
	}

	@Test
	void oneWorkerMoreResumesWithAsManyAsThereWere() {
		FleetStory story = FleetStory.allReady(workers(3)).event(Event.Signal.PAUSE).drained(1).drained(2).drained(3);
		assertThat(story.event(Event.Signal.SCALE_DOWN).commands()).isEmpty();
		assertThat(story.event(Event.Signal.SCALE_UP).spawnedIndices()).containsExactly(0, 1, 2);
		assertThat(story.commands()).contains(new Command.Publish(1, workers(3), 3));
		assertThat(story.report().paused()).isFalse();
	}

	@Test
	void resumeDoesNotWaitForWorkersThatDrain() {
		FleetStory story = FleetStory.allReady(workers(3)).event(Event.Signal.PAUSE).event(Event.Signal.SCALE_UP);
		assertThat(story.spawnedIndices()).containsExactly(0, 1, 2);
		assertThat(story.drained(1).drained(2).drained(3).spawned()).isEmpty();
	}

	@Test
	void reloadResumesWithTheNewGenerationCanaryFirst() {
		FleetStory story = FleetStory.allReady(workers(3)).event(Event.Signal.PAUSE).drained(1).drained(2).drained(3);
		assertThat(story.event(Event.Signal.RELOAD).spawned()).containsExactly(new Placement(0, 0, 4, 2));
		assertThat(story.report().paused()).isFalse();
		assertThat(story.ready(4).spawnedIndices()).containsExactly(1, 2);
	}

	@Test
	void pausedFleetStops() {
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.PAUSE).drained(1);
		assertThat(story.event(Event.Signal.STOP).commands()).endsWith(new Command.Halt(0));
	}

	@Test
	void replacementIsStartedAndNothingElseChanges() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.REPLACE);
		assertThat(story.commands()).contains(new Command.SpawnReplacement());
		assertThat(story.stopped()).isEmpty();
		assertThat(story.notified()).contains(new FleetEvent.Replacing());
		assertThat(story.event(Event.Signal.REPLACE).lines())
			.containsExactly("WARN Not replacing the arbiter: a replacement is under way");
	}

	@Test
	void arbiterWhoseReplacementFailsStays() {
		FleetStory story = FleetStory.allReady(workers(1))
			.event(Event.Signal.REPLACE)
			.event(new Event.ReplacementFailed("has ended with exit code 3"));
		assertThat(story.commands()).containsExactly(new Command.Announce(Command.Level.ERROR,
				"The other arbiter has ended with exit code 3: this one stays"));
		assertThat(story.event(Event.Signal.REPLACE).commands()).contains(new Command.SpawnReplacement());
	}

	@Test
	void arbiterThatWasReplacedDrainsItsWorkersAndLeavesTheListenerAlone() {
		FleetStory story = FleetStory.allReady(workers(2))
			.event(Event.Signal.REPLACE)
			.event(new Event.SuccessorReady());
		assertThat(story.stoppedAges()).containsExactly(1L, 2L);
		assertThat(story.commands()).contains(new Command.LeaveListener())
			.doesNotContain(CLOSE, new Command.RefuseConnections());
		assertThat(story.drained(1).drained(2).commands()).endsWith(new Command.Halt(0));
	}

	@Test
	void replacementThatDoesNotTakeOverInTimeIsEnded() {
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.REPLACE);
		Duration limit = story.state().settings().bootTimeout().multipliedBy(2).plus(Ending.REPLACEMENT_MARGIN);
		assertThat(story.after(limit.minusNanos(1)).tick().commands()).isEmpty();
		assertThat(story.after(Duration.ofNanos(1)).tick().commands()).contains(new Command.StopReplacement());
		assertThat(story.event(new Event.SuccessorReady()).commands()).isEmpty();
		assertThat(story.event(Event.Signal.REPLACE).commands()).contains(new Command.SpawnReplacement());
	}

	@Test
	void crashInADrainIsNamedAndRecorded() {
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.STOP).tick().tick();
		Death death = new Death(ExitCause.CRASH, "crash (SIGSEGV)");
		story.event(FleetStory.exit(1, death));
		assertThat(story.lines()).containsExactly("WARN Worker 0 (pid 4701) stopped: crash (SIGSEGV)");
		assertThat(story.commands()).contains(new Command.Record(1, death, false));
	}

	@Test
	void nobodyTakesOverUnlessToldTo() {
		assertThat(FleetStory.allReady(workers(2)).event(new Event.SuccessorReady()).commands()).isEmpty();
	}

	@Test
	void stopEndsTheReplacementToo() {
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.REPLACE).event(Event.Signal.STOP);
		assertThat(story.commands()).contains(new Command.StopReplacement());
		assertThat(story.event(new Event.SuccessorReady()).commands()).isEmpty();
	}

	@Test
	void arbiterIsNotReplacedDuringAReloadNorReloadedWhileReplaced() {
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.RELOAD);
		assertThat(story.event(Event.Signal.REPLACE).lines())
			.containsExactly("WARN Not replacing the arbiter: a reload is under way");
		story.ready(2).drained(1).event(Event.Signal.REPLACE);
		assertThat(story.event(Event.Signal.RELOAD).lines())
			.containsExactly("WARN Not reloading: the arbiter is being replaced");
	}

	@Test
	void newArbiterTakesOverOnceWhenAllItsWorkersServe() {
		FleetStory story = FleetStory.replacing(workers(2)).ready(1);
		assertThat(story.commands()).doesNotContain(new Command.TakeOver());
		assertThat(story.ready(2).commands()).contains(new Command.TakeOver());
		assertThat(story.exited(2, 1).ready(3).commands()).doesNotContain(new Command.TakeOver());
		assertThat(story.ages(Lifecycle.READY)).hasSize(2);
	}

}
