package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.tomcorn.core.arbiter.Answer.Outcome;

import static dev.tomcorn.core.arbiter.FleetStory.SECOND;
import static dev.tomcorn.core.arbiter.FleetStory.workers;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Operations}, event by event. Each operator sends one request, with the
 * number 7.
 */
class OperationsTests {

	private static final Requester OPERATOR = new Requester(-1, 7);

	@Test
	void scalesInOneStepAndBack() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Scale(6, false));
		assertThat(answer(story)).isEqualTo(Answer.started("Scaling from 2 to 6 workers"));
		assertThat(story.spawnedIndices()).containsExactly(2, 3, 4, 5);
		assertThat(story.notified()).contains(new FleetEvent.Scaled(2, 6));
		for (long age = 3; age <= 6; age++) {
			story.ready(age);
		}
		assertThat(story.ages(WorkerHandle.Lifecycle.READY)).hasSize(6);
		ask(story, new Operation.Scale(2, false));
		assertThat(answer(story)).isEqualTo(Answer.started("Scaling from 6 to 2 workers"));
		assertThat(story.stoppedAges()).containsExactlyInAnyOrder(3L, 4L, 5L, 6L);
		assertThat(story.ages(WorkerHandle.Lifecycle.READY)).containsExactly(1L, 2L);
	}

	@Test
	void scalingToWhatThereIsSucceedsAtOnce() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Scale(2, false));
		assertThat(answer(story).outcome()).isEqualTo(Outcome.SUCCEEDED);
		assertThat(story.commands()).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(ints = { Integer.MIN_VALUE, -1, 0, 127, 128, Integer.MAX_VALUE })
	void scalingBeyondTheLimitsIsInvalid(int number) {
		FleetStory story = ask(FleetStory.allReady(workers(2, 2)), new Operation.Scale(number, false));
		assertThat(answer(story)).isEqualTo(new Answer(Outcome.INVALID,
				"Not scaling to %d workers: the limits are 1 and 126, standbys aside".formatted(number)));
		assertThat(story.state().targetWorkers()).isEqualTo(2);
	}

	@Test
	void recyclesOneByReplacementFirst() {
		FleetStory story = ask(FleetStory.allReady(workers(3)), new Operation.Recycle(1, false));
		assertThat(answer(story)).isEqualTo(
				Answer.started("Worker 1 (pid 4702) is being replaced, and serves until its successor is ready"));
		assertThat(story.spawnedIndices()).containsExactly(1);
		assertThat(story.stopped()).isEmpty();
		assertThat(story.notified()).anyMatch((event) -> event instanceof FleetEvent.WorkerRecycling recycling
				&& recycling.reason().equals(Operations.RECYCLE_REASON));
		long successor = story.spawnedAge();
		story.ready(successor);
		assertThat(story.served()).containsExactly(successor);
		assertThat(story.stoppedAges()).containsExactly(2L);
	}

	@Test
	void recyclesAgainOnlyWhenTheFirstIsReplaced() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Recycle(0, false));
		long successor = story.spawnedAge();
		ask(story, new Operation.Recycle(0, false));
		assertThat(answer(story)).isEqualTo(Answer
			.failed("Not recycling worker 0: it is being replaced already (%s)".formatted(Operations.RECYCLE_REASON)));
		story.ready(successor);
		ask(story, new Operation.Recycle(0, false));
		assertThat(answer(story).outcome()).isEqualTo(Outcome.STARTED);
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, 2, 500 })
	void workerThatIsNotThereIsUnknown(int index) {
		FleetStory story = FleetStory.allReady(workers(2));
		assertThat(answer(ask(story, new Operation.Recycle(index, false)))).isEqualTo(new Answer(Outcome.UNKNOWN,
				"Not recycling worker %d: there is no such worker, only [0, 1]".formatted(index)));
		assertThat(answer(ask(story, new Operation.Dump(index)))).isEqualTo(new Answer(Outcome.UNKNOWN,
				"Not dumping worker %d: there is no such worker, only [0, 1]".formatted(index)));
		assertThat(story.commands()).hasSize(1);
	}

	@Test
	void endOfAScalingIsTheStrengthAskedFor() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Scale(4, true));
		assertThat(story.answers()).isEmpty();
		assertThat(story.ready(3).answers()).isEmpty();
		assertThat(answer(story.after(SECOND).ready(4))).isEqualTo(Answer.succeeded("Scaled to 4 worker(s) in 1 s"));
		assertThat(answer(ask(story, new Operation.Scale(4, true))))
			.isEqualTo(Answer.succeeded("Scaled to 4 worker(s) in 0 s"));
		assertThat(answer(ask(story, new Operation.Scale(1, true))))
			.isEqualTo(Answer.succeeded("Scaled to 1 worker(s) in 0 s; 3 more finish their requests"));
	}

	@Test
	void scalingToWhatThereIsToBeWaitsUntilItIs() {
		FleetStory story = FleetStory.allReady(workers(2)).exited(1, 137);
		long successor = story.spawnedAge();
		assertThat(ask(story, new Operation.Scale(2, true)).answers()).isEmpty();
		assertThat(answer(story.ready(successor)).outcome()).isEqualTo(Outcome.SUCCEEDED);
	}

	@Test
	void scalingWhoseWorkerDoesNotBootHasFailed() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Scale(3, true));
		story.event(new Event.BootFailed(3, "Port 9000 was already in use"));
		assertThat(answer(story.exited(3, 1))).satisfies((answer) -> {
			assertThat(answer.outcome()).isEqualTo(Outcome.FAILED);
			assertThat(answer.message()).startsWith("Scaling to 3 workers has not finished: Worker 2 (pid 4703): ")
				.contains("ended while booting", "The arbiter goes on trying")
				.endsWith("Port 9000 was already in use");
		});
		assertThat(story.state().targetWorkers()).isEqualTo(3);
	}

	@Test
	void deathOfAWorkerThatServedDoesNotEndAScaling() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Scale(3, true)).exited(1, 137);
		assertThat(story.answers()).isEmpty();
		long successor = story.spawnedAge();
		assertThat(story.ready(3).answers()).isEmpty();
		assertThat(answer(story.ready(successor)).outcome()).isEqualTo(Outcome.SUCCEEDED);
	}

	@Test
	void deathOfASuccessorDoesNotEndAScaling() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Recycle(1, false));
		long successor = story.spawnedAge();
		long third = ask(story, new Operation.Scale(3, true)).spawnedAge();
		assertThat(story.exited(successor, 1).answers()).isEmpty();
		assertThat(answer(story.ready(third)).outcome()).isEqualTo(Outcome.SUCCEEDED);
	}

	@Test
	void limitsThemselvesAreValid() {
		FleetStory story = FleetStory.allReady(workers(2, 2));
		assertThat(answer(ask(story, new Operation.Scale(126, false))).outcome()).isEqualTo(Outcome.STARTED);
		assertThat(answer(ask(story, new Operation.Scale(1, false))).outcome()).isEqualTo(Outcome.STARTED);
	}

	@Test
	void whoWaitsIsAnsweredBeforeAnArbiterWithoutWorkersHalts() {
		FleetStory story = FleetStory.allReady(workers(1)).exited(1, 137);
		story.exited(story.spawnedAge(), 1);
		assertThat(story.living()).isEmpty();
		ask(story, new Operation.Scale(1, true)).event(Event.Signal.STOP);
		assertThat(answer(story).outcome()).isEqualTo(Outcome.FAILED);
		assertThat(story.commands().getLast()).isEqualTo(new Command.Halt(0));
	}

	@Test
	void ofTwoWorkersInAPlaceTheOneThatServesIsMeant() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Recycle(1, false));
		assertThat(ask(story, new Operation.Dump(1)).commands())
			.containsExactly(new Command.Dump(2, "asked for by an operator"));
		long successor = story.event(new Event.Dumped(2, "")).state().nextAge() - 1;
		assertThat(ask(story.ready(successor), new Operation.Dump(1)).commands())
			.containsExactly(new Command.Dump(successor, "asked for by an operator"));
	}

	@Test
	void anotherScalingEndsTheOneBefore() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Scale(4, true));
		story.event(Event.Signal.SCALE_DOWN);
		assertThat(answer(story))
			.isEqualTo(Answer.failed("Scaling to 4 workers has not finished: the target is now 3"));
	}

	@Test
	void endOfARecyclingIsTheSuccessorInItsPlace() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Recycle(1, true));
		assertThat(story.answers()).isEmpty();
		assertThat(answer(story.after(SECOND).ready(story.spawnedAge()))).isEqualTo(
				Answer.succeeded("Worker 1 (pid 4702) was replaced by pid 4703 after 1 s, and finishes its requests"));
	}

	@Test
	void whoWaitsJoinsARecyclingUnderWay() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Recycle(1, false));
		long successor = story.spawnedAge();
		assertThat(ask(story, new Operation.Recycle(1, true)).answers()).isEmpty();
		assertThat(answer(story.ready(successor)).outcome()).isEqualTo(Outcome.SUCCEEDED);
	}

	@Test
	void placeThatIsGivenUpIsNotRecycled() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Recycle(1, true));
		story.event(Event.Signal.SCALE_DOWN);
		assertThat(answer(story))
			.isEqualTo(Answer.failed("Worker 1 (pid 4702) was retired instead: the target is now 1 workers"));
	}

	@Test
	void standbyRelievesWhoIsRecycledAtOnce() {
		FleetStory story = ask(FleetStory.allReady(workers(2, 1)), new Operation.Recycle(1, true));
		assertThat(answer(story))
			.isEqualTo(Answer.succeeded("Worker 1 (pid 4702) was relieved after 0 s, and finishes its requests"));
	}

	@Test
	void recyclingWhoseSuccessorDoesNotBootHasFailed() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Recycle(1, true));
		assertThat(answer(story.exited(story.spawnedAge(), 1))).satisfies((answer) -> {
			assertThat(answer.outcome()).isEqualTo(Outcome.FAILED);
			assertThat(answer.message())
				.startsWith("Worker 1 (pid 4702) serves on, its successor failed: ended while booting");
		});
		assertThat(story.ages(WorkerHandle.Lifecycle.READY)).containsExactly(1L, 2L);
	}

	@Test
	void recyclingOfAWorkerThatDiesHasFailed() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Recycle(1, true)).exited(2, 137);
		assertThat(answer(story).outcome()).isEqualTo(Outcome.FAILED);
		assertThat(answer(story).message()).startsWith("Worker 1 (pid 4702) was lost before it was replaced: ");
	}

	@ParameterizedTest
	@EnumSource(value = Event.Signal.class, names = { "STOP", "STOP_FAST", "PAUSE" })
	void fleetThatEndsOrPausesEndsTheWaiting(Event.Signal signal) {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Recycle(1, true));
		ask(story, new Operation.Scale(3, true));
		story.event(signal);
		String reason = (signal == Event.Signal.PAUSE) ? "the fleet is paused" : "the fleet is stopping";
		assertThat(story.answers()).extracting(Command.Reply::answer)
			.containsExactly(Answer.failed("Worker 1 (pid 4702) was not replaced: " + reason),
					Answer.failed("Scaling to 3 workers has not finished: " + reason));
		assertThat(story.state().pending()).isEmpty();
	}

	@Test
	void arbiterThatIsReplacedEndsTheWaiting() {
		FleetStory story = FleetStory.allReady(workers(2)).exited(1, 137);
		ask(story, new Operation.Scale(2, true));
		story.event(Event.Signal.REPLACE).event(new Event.SuccessorReady());
		assertThat(answer(story))
			.isEqualTo(Answer.failed("Scaling to 2 workers has not finished: another arbiter has taken over"));
	}

	@Test
	void onlySoManyMayWait() {
		FleetStory story = FleetStory.allReady(workers(2)).exited(1, 137);
		for (int i = 0; i < Operations.MAX_PENDING; i++) {
			assertThat(ask(story, new Operation.Scale(2, true)).answers()).isEmpty();
		}
		assertRefused(story, new Operation.Scale(3, true),
				"Not scaling to 3 workers: too many clients wait for an outcome");
		assertRefused(story, new Operation.Recycle(1, true),
				"Not recycling worker 1: too many clients wait for an outcome");
		assertThat(ask(story, new Operation.Scale(3, false)).answers()).hasSize(1 + Operations.MAX_PENDING)
			.first()
			.returns(Answer.started("Scaling from 2 to 3 workers"), Command.Reply::answer);
	}

	@Test
	void workerThatBootsOrEndsIsNotRecycled() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Scale(3, false));
		assertThat(answer(ask(story, new Operation.Recycle(2, false))))
			.isEqualTo(Answer.failed("Not recycling worker 2: it is still booting"));
		ask(story, new Operation.Scale(2, false));
		assertThat(answer(ask(story, new Operation.Recycle(2, false))))
			.isEqualTo(Answer.failed("Not recycling worker 2: it is ending"));
	}

	@Test
	void nothingIsRecycledDuringAReload() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.RELOAD);
		assertThat(answer(ask(story, new Operation.Recycle(1, false))))
			.isEqualTo(Answer.failed("Not recycling worker 1: a reload is under way, which replaces every worker"));
	}

	@Test
	void reloadIsAnsweredAtOnceUnlessItsEndIsAwaited() {
		FleetStory story = ask(FleetStory.allReady(workers(1)), new Operation.Reload(false));
		assertThat(answer(story)).isEqualTo(Answer.started("Reloading: generation 2 is on its way"));
		ask(story, new Operation.Reload(false));
		assertThat(answer(story)).isEqualTo(Answer.started("Another reload follows the one under way"));
		assertThat(ask(story, new Operation.Reload(true)).answers()).isEmpty();
		assertThat(story.ready(2).answers()).isEmpty();
		assertThat(answer(story.drained(1).ready(3)))
			.isEqualTo(Answer.succeeded("Reload to generation 3 succeeded in 0 s"));
	}

	@Test
	void fleetThatBootsIsNotChanged() {
		FleetStory story = FleetStory.of(workers(2));
		assertThatNothingIsChanged(story, "the first worker has not booted yet");
	}

	@Test
	void pausedFleetIsNotChangedUntilAReload() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.PAUSE);
		assertRefused(story, new Operation.Scale(3, false), "Not scaling to 3 workers: the fleet is paused");
		assertRefused(story, new Operation.Recycle(0, false), "Not recycling worker 0: the fleet is paused");
		assertThat(answer(ask(story, new Operation.Reload(false))).outcome()).isEqualTo(Outcome.STARTED);
	}

	@Test
	void pauseDrainsEverybodyAndResumeStartsAsManyAgain() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Pause(false));
		assertThat(answer(story)).isEqualTo(Answer.started("Pausing: draining 2 worker(s), at most 20 s"));
		assertThat(story.stoppedAges()).containsExactlyInAnyOrder(1L, 2L);
		assertThat(story.report().paused()).isTrue();
		story.drained(1).drained(2);
		assertThat(answer(ask(story, new Operation.Resume(false))))
			.isEqualTo(Answer.started("Resuming with 2 worker(s)"));
		assertThat(story.spawnedIndices()).containsExactly(0, 1);
		assertThat(story.report().paused()).isFalse();
	}

	@Test
	void pauseThatIsAwaitedEndsWithTheLastWorker() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Pause(true));
		assertThat(story.drained(1).answers()).isEmpty();
		assertThat(answer(story.after(SECOND).drained(2))).isEqualTo(Answer.succeeded("Paused in 1 s: no worker runs"));
	}

	@Test
	void resumeThatIsAwaitedEndsWhenAllServe() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.PAUSE).drained(1).drained(2);
		ask(story, new Operation.Resume(true));
		assertThat(story.ready(3).answers()).isEmpty();
		assertThat(answer(story.after(SECOND).ready(4))).isEqualTo(Answer.succeeded("Resumed with 2 worker(s) in 1 s"));
	}

	@Test
	void resumeThatIsAwaitedTellsOfAWorkerThatDoesNotBoot() {
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.PAUSE).drained(1);
		ask(story, new Operation.Resume(true)).exited(2, 1);
		assertThat(answer(story).message()).startsWith("Resuming has not finished: Worker 0 (pid 4702): ended")
			.contains("goes on trying");
	}

	@Test
	void pauseAndResumeEndEachOther() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Pause(true));
		story.event(Event.Signal.RELOAD);
		assertThat(answer(story)).isEqualTo(Answer.failed("Pausing has not finished: the fleet was resumed"));
		story = FleetStory.allReady(workers(1)).event(Event.Signal.PAUSE).drained(1);
		ask(story, new Operation.Resume(true)).event(Event.Signal.PAUSE);
		assertThat(answer(story)).isEqualTo(Answer.failed("Resuming has not finished: the fleet is paused"));
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fleetIsNotPausedTwiceNorResumedUnlessItIsPaused(boolean awaitEnd) {
		FleetStory story = FleetStory.allReady(workers(2));
		assertRefused(story, new Operation.Resume(awaitEnd), "Not resuming: the fleet is not paused");
		story.event(Event.Signal.PAUSE);
		assertRefused(story, new Operation.Pause(awaitEnd), "Not pausing: the fleet is paused already");
		story.event(Event.Signal.STOP);
		assertRefused(story, new Operation.Resume(awaitEnd), "Not resuming: the fleet is stopping");
	}

	@Test
	void stoppingFleetIsNotChanged() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Stop(false));
		assertThat(answer(story)).isEqualTo(Answer.started("Stopping: draining 2 worker(s), at most 20 s"));
		assertThatNothingIsChanged(story, "the fleet is stopping");
	}

	@Test
	void fleetWhoseArbiterIsReplacedIsNotChanged() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.REPLACE);
		assertThatNothingIsChanged(story, "the arbiter is being replaced");
	}

	@Test
	void fleetThatIsHandedOverIsNotScaled() {
		FleetStory story = FleetStory.allReady(workers(2))
			.event(Event.Signal.REPLACE)
			.event(new Event.SuccessorReady());
		assertRefused(story, new Operation.Scale(3, false), "Not scaling to 3 workers: another arbiter has taken over");
	}

	@Test
	void stopsGracefullyThenFastThenAtOnce() {
		FleetStory story = FleetStory.allReady(workers(2)).event(new Event.Tick(Map.of(), 0));
		assertThat(answer(ask(story, new Operation.Stop(false))).outcome()).isEqualTo(Outcome.STARTED);
		assertThat(story.state().phase()).isEqualTo(FleetState.Phase.CLOSING);
		assertThat(answer(ask(story, new Operation.Stop(false))))
			.isEqualTo(Answer.started("The fleet is stopping already"));
		assertThat(answer(ask(story, new Operation.Stop(true))).outcome()).isEqualTo(Outcome.STARTED);
		assertThat(story.stopped()).extracting(Command.Stop::gracefulTimeout)
			.containsExactly(Duration.ZERO, Duration.ZERO);
		assertThat(answer(ask(story, new Operation.Stop(true))).outcome()).isEqualTo(Outcome.STARTED);
		assertThat(story.killed()).containsExactly(1L, 2L);
	}

	@Test
	void dumpIsAnsweredWithItsFolderAndTheWorkerLivesOn() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Dump(1));
		assertThat(story.commands()).containsExactly(new Command.Dump(2, "asked for by an operator"));
		story.event(new Event.Dumped(2, "/incidents/1"));
		assertThat(answer(story))
			.isEqualTo(Answer.succeeded("What is known about worker 1 (pid 4702) is in /incidents/1"));
		assertThat(story.commands()).hasSize(1);
		assertThat(story.ages(WorkerHandle.Lifecycle.READY)).containsExactly(1L, 2L);
		assertThat(story.report().deaths()).isEmpty();
		assertThat(story.event(new Event.Dumped(2, "/incidents/1")).answers()).isEmpty();
	}

	@Test
	void dumpThatCannotBeWrittenFails() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Dump(1)).event(new Event.Dumped(2, ""));
		assertThat(answer(story).outcome()).isEqualTo(Outcome.FAILED);
		assertThat(answer(story).message()).contains("tomcorn.incidents.max-count");
	}

	@Test
	void secondDumpOfAWorkerAtATimeIsRefused() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Dump(1));
		assertRefused(story, new Operation.Dump(1), "Not dumping worker 1: a dump is under way already");
		assertThat(ask(story, new Operation.Dump(0)).answers()).isEmpty();
	}

	@Test
	void dumpIsAnsweredAlsoWhenNothingIsHeardOfIt() {
		FleetStory story = ask(FleetStory.allReady(workers(1)), new Operation.Dump(0));
		Duration limit = FleetStory.RECORD_LIMIT.plus(Operations.DUMP_MARGIN);
		assertThat(story.after(limit.minus(FleetStory.INSTANT)).tick().answers()).isEmpty();
		assertThat(answer(story.after(FleetStory.INSTANT).tick()))
			.isEqualTo(Answer.failed("The dump of worker 0 has not ended in time"));
	}

	@Test
	void dumpIsAnsweredAlsoWhenItsWorkerBootsForTooLong() {
		FleetStory story = ask(FleetStory.of(workers(1)), new Operation.Dump(0));
		assertThat(story.after(FleetStory.BOOT_TIMEOUT).tick().lines()).singleElement()
			.asString()
			.contains("is not killed");
		assertThat(answer(story).outcome()).isEqualTo(Outcome.FAILED);
		story = ask(FleetStory.of(workers(1)).after(FleetStory.BOOT_TIMEOUT.minus(FleetStory.INSTANT)),
				new Operation.Dump(0));
		story.after(FleetStory.INSTANT).tick();
		assertThat(story.commands()).doesNotHaveAnyElementsOfTypes(Command.Dump.class);
		assertThat(answer(story.event(new Event.Dumped(1, "/incidents/1"))).outcome()).isEqualTo(Outcome.SUCCEEDED);
	}

	@Test
	void dumpOfAWorkerThatDiesMeanwhileIsAnswered() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Dump(1)).exited(2, 1);
		assertThat(story.answers()).isEmpty();
		assertThat(answer(story.event(new Event.Dumped(2, "/incidents/1"))).outcome()).isEqualTo(Outcome.SUCCEEDED);
	}

	@Test
	void dumpUnderWayIsAnsweredBeforeTheArbiterHalts() {
		FleetStory story = ask(FleetStory.allReady(workers(1)), new Operation.Dump(0)).event(Event.Signal.STOP_FAST)
			.drained(1);
		assertThat(answer(story)).isEqualTo(Answer.failed("The arbiter ended before the dump"));
		assertThat(story.commands().getLast()).isEqualTo(new Command.Halt(0));
	}

	@Test
	void workerThatDrainsOrBootsIsDumpedAndOneThatIsKilledIsNot() {
		FleetStory story = ask(FleetStory.allReady(workers(2)), new Operation.Scale(3, false));
		assertThat(ask(story, new Operation.Dump(2)).commands())
			.containsExactly(new Command.Dump(3, "asked for by an operator"));
		ask(story, new Operation.Scale(1, false));
		assertThat(ask(story, new Operation.Dump(1)).commands())
			.containsExactly(new Command.Dump(2, "asked for by an operator"));
		story.after(FleetStory.DRAIN_LIMIT).tick();
		assertThat(story.recording()).contains(2L);
		assertRefused(story.event(new Event.Dumped(2, "")), new Operation.Dump(1),
				"Not dumping worker 1: it is ending");
	}

	@Test
	void nobodyIsAnsweredWhoDoesNotWait() {
		FleetStory story = FleetStory.allReady(workers(2))
			.event(new Event.Requested(Requester.NOBODY, new Operation.Scale(3, false)));
		assertThat(story.answers()).isEmpty();
		assertThat(story.state().targetWorkers()).isEqualTo(3);
	}

	private static void assertThatNothingIsChanged(FleetStory story, String reason) {
		assertRefused(story, new Operation.Scale(3, false), "Not scaling to 3 workers: " + reason);
		assertRefused(story, new Operation.Recycle(0, false), "Not recycling worker 0: " + reason);
		assertRefused(story, new Operation.Reload(false), "Not reloading: " + reason);
		assertRefused(story, new Operation.Reload(true), "Not reloading: " + reason);
		assertRefused(story, new Operation.Pause(true), "Not pausing: " + reason);
		assertRefused(story, new Operation.Resume(true), "Not resuming: " + reason);
	}

	private static void assertRefused(FleetStory story, Operation operation, String message) {
		assertThat(ask(story, operation).answers()).singleElement().satisfies((reply) -> {
			assertThat(reply.requester()).isEqualTo(OPERATOR);
			assertThat(reply.answer().outcome()).isEqualTo(Outcome.FAILED);
			assertThat(reply.answer().message()).startsWith(message);
		});
		assertThat(story.spawned()).isEmpty();
		assertThat(story.stopped()).isEmpty();
	}

	private static FleetStory ask(FleetStory story, Operation operation) {
		return story.event(new Event.Requested(OPERATOR, operation));
	}

	private static Answer answer(FleetStory story) {
		assertThat(story.answers()).extracting(Command.Reply::requester).containsExactly(OPERATOR);
		return story.answers().getFirst().answer();
	}

}
