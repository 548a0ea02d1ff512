package dev.tomcorn.core.arbiter;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;

import static dev.tomcorn.core.arbiter.FleetStory.FIRST_PID;
import static dev.tomcorn.core.arbiter.FleetStory.SECOND;
import static dev.tomcorn.core.arbiter.FleetStory.recycleSurge;
import static dev.tomcorn.core.arbiter.FleetStory.workers;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the planned replacement of single workers, event by event.
 */
class RecycleTests {

	private static final String REASON = "max-requests (1000) reached";

	private static Event recycle(long age) {
		return new Event.Recycle(age, REASON);
	}

	@Test
	void successorComesFirst() {
		FleetStory story = FleetStory.allReady(workers(2)).event(recycle(2));
		assertThat(story.spawned()).containsExactly(new Placement(2, 1, 3, 1));
		assertThat(story.stopped()).isEmpty();
		assertThat(story.lines())
			.containsExactly("INFO Worker 1 (pid 4702) wants to be replaced: max-requests (1000) reached");
		assertThat(story.notified())
			.contains(new FleetEvent.WorkerRecycling(new Placement(1, 1, 2, 1), FIRST_PID + 2, REASON));
		assertThat(story.ready(3).served()).containsExactly(3L);
		assertThat(story.stoppedAges()).containsExactly(2L);
		assertThat(story.drained(2).tick().commands()).isEmpty();
	}

	@Test
	void requestIsHeardOnce() {
		FleetStory story = FleetStory.allReady(workers(2)).event(recycle(2));
		assertThat(story.event(recycle(2)).commands()).isEmpty();
	}

	@Test
	void oneIsReplacedAfterTheOtherWhenAllWantIt() {
		FleetStory story = FleetStory.allReady(workers(4));
		for (long age = 1; age <= 4; age++) {
			story.event(recycle(age));
		}
		List<Integer> indices = new ArrayList<>();
		for (int time = 1; time <= 4; time++) {
			assertThat(story.living()).hasSize(5);
			long successor = story.ages(Lifecycle.STARTING).getFirst();
			indices.add(story.worker(successor).index());
			story.ready(successor);
			assertThat(story.ages(Lifecycle.STARTING)).as("while the old one drains").isEmpty();
			story.drained(story.ages(Lifecycle.DRAINING).getFirst());
		}
		assertThat(indices).containsExactly(0, 1, 2, 3);
		assertThat(story.living()).hasSize(4).noneMatch((worker) -> worker.recycle() != null);
	}

	@Test
	void surgeOfTwoReplacesTwoAtATime() {
		FleetStory story = FleetStory.allReady(recycleSurge(4, 2));
		for (long age = 1; age <= 4; age++) {
			story.event(recycle(age));
		}
		assertThat(story.ages(Lifecycle.STARTING)).hasSize(2);
		assertThat(story.living()).hasSize(6);
	}

	@Test
	void standbyRelievesAtOnce() {
		FleetStory story = FleetStory.allReady(workers(2, 1)).event(recycle(1));
		assertThat(story.served()).containsExactly(3L);
		assertThat(story.stoppedAges()).containsExactly(1L);
		assertThat(story.spawned()).containsExactly(new Placement(3, 0, 4, 1));
		assertThat(story.lines()).contains("INFO Worker 2 (pid 4703) relieves Worker 0 (pid 4701)");
		story.drained(1).ready(4);
		assertThat(story.ages(Lifecycle.READY)).containsExactly(2L, 3L);
		assertThat(story.ages(Lifecycle.STANDBY)).containsExactly(4L);
	}

	@Test
	void standbyThatWantsToBeReplacedRelievesNobody() {
		FleetStory story = FleetStory.allReady(workers(1, 1)).event(recycle(2));
		long successor = story.spawnedAge();
		assertThat(story.event(recycle(1)).served()).isEmpty();
		assertThat(story.ready(successor).stoppedAges()).containsExactly(2L);
		assertThat(story.drained(2).served()).containsExactly(successor);
		assertThat(story.stoppedAges()).containsExactly(1L);
	}

	@Test
	void workerThatDiesWhileItsSuccessorBootsIsNotReplacedTwice() {
		FleetStory story = FleetStory.allReady(workers(2)).event(recycle(2)).exited(2, 1);
		assertThat(story.spawned()).isEmpty();
		assertThat(story.lines()).singleElement().asString().endsWith("; another worker has replaced it");
		assertThat(story.ready(3).served()).containsExactly(3L);
		assertThat(story.tick().commands()).isEmpty();
	}

	@Test
	void successorThatDiesIsSpawnedAgainWhileTheOldOneServes() {
		FleetStory story = FleetStory.allReady(workers(2)).event(recycle(2)).exited(3, 1);
		assertThat(story.spawned()).containsExactly(new Placement(2, 1, 4, 1));
		assertThat(story.ages(Lifecycle.READY)).containsExactly(1L, 2L);
		assertThat(story.ready(4).stoppedAges()).containsExactly(2L);
	}

	@Test
	void successorsThatKeepDyingComeEverMoreSlowlyHoweverLongTheOldOneHasLived() {
		FleetStory story = FleetStory.allReady(workers(1)).after(CrashHistory.QUIET).tick().event(recycle(1));
		int spawns = 1;
		for (int second = 0; second < 60; second++) {
			story.ages(Lifecycle.STARTING).forEach((age) -> story.exited(age, 1));
			spawns += story.spawned().size();
			spawns += story.after(SECOND).tick().spawned().size();
		}
		assertThat(spawns).isBetween(5, 10);
		assertThat(story.report().crashLoops()).isNotEmpty();
		assertThat(story.ages(Lifecycle.READY)).containsExactly(1L);
	}

	@Test
	void successorThatDiesAfterTheOldOneHasGoneIsACrash() {
		FleetStory story = FleetStory.allReady(workers(1)).event(recycle(1)).ready(2).exited(2, 1);
		assertThat(story.spawnedIndices()).containsExactly(0);
	}

	@Test
	void bootingWorkerIsRecycledOnlyOnceItIsReady() {
		FleetStory story = FleetStory.of(workers(2)).ready(1).event(recycle(2));
		assertThat(story.spawned()).isEmpty();
		assertThat(story.ready(2).spawnedIndices()).containsExactly(1);
	}

	@Test
	void reloadComesBeforeRecycling() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.RELOAD);
		assertThat(story.event(recycle(2)).spawned()).isEmpty();
		story.ready(3).drained(1);
		assertThat(story.ready(4).stoppedAges()).containsExactly(2L);
		assertThat(story.drained(2).tick().spawned()).isEmpty();
	}

	@Test
	void workerThatWantedItBeforeAReloadThatFailedIsRecycledAfterIt() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.RELOAD).event(recycle(2));
		assertThat(story.exited(3, 1).spawned()).containsExactly(new Placement(2, 1, 4, 1));
	}

	@Test
	void workerWithASuccessorTakesItAlongWhenItIsScaledAway() {
		FleetStory story = FleetStory.allReady(workers(2)).event(recycle(2)).event(Event.Signal.SCALE_DOWN);
		assertThat(story.stoppedAges()).containsExactlyInAnyOrder(2L, 3L);
	}

	@ParameterizedTest
	@ValueSource(longs = { 99, -1 })
	void strangerIsNotRecycled(long age) {
		assertThat(FleetStory.allReady(workers(2)).event(recycle(age)).commands()).isEmpty();
	}

	@Test
	void drainingWorkerIsNotRecycled() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.SCALE_DOWN);
		assertThat(story.event(recycle(2)).commands()).isEmpty();
	}

}
