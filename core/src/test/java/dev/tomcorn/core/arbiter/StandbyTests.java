package dev.tomcorn.core.arbiter;

import org.junit.jupiter.api.Test;

import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;

import static dev.tomcorn.core.arbiter.FleetStory.RECORD_LIMIT;
import static dev.tomcorn.core.arbiter.FleetStory.TIMEOUT;
import static dev.tomcorn.core.arbiter.FleetStory.workers;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for standby workers, event by event. In a fleet of two with one standby, the
 * worker of age 3 stands by.
 */
class StandbyTests {

	private static FleetStory twoAndOne() {
		return FleetStory.allReady(workers(2, 1));
	}

	@Test
	void workersServeFirstAndTheRestStandsBy() {
		FleetStory story = FleetStory.of(workers(2, 2));
		assertThat(story.ready(1).served()).containsExactly(1L);
		assertThat(story.spawnedIndices()).containsExactly(1, 2, 3);
		assertThat(story.ready(4).served()).containsExactly(4L);
		assertThat(story.ready(2).served()).isEmpty();
		assertThat(story.ready(3).served()).isEmpty();
		assertThat(story.ages(Lifecycle.STANDBY)).containsExactly(2L, 3L);
	}

	@Test
	void deathIsMadeGoodInTheSameStep() {
		FleetStory story = twoAndOne().exited(1, 137);
		assertThat(story.served()).containsExactly(3L);
		assertThat(story.spawned()).containsExactly(new Placement(0, 0, 4, 1));
		assertThat(story.lines()).contains("INFO Worker 2 (pid 4703) serves now, no longer standing by");
		assertThat(story.ready(4).served()).isEmpty();
		assertThat(story.ages(Lifecycle.STANDBY)).containsExactly(4L);
	}

	@Test
	void standbyServesForAWorkerThatIsBeingKilled() {
		FleetStory story = twoAndOne().after(TIMEOUT).tickWithout(1);
		assertThat(story.recording()).containsExactly(1L);
		assertThat(story.served()).containsExactly(3L);
		assertThat(story.spawnedIndices()).containsExactly(0);
	}

	@Test
	void standbyServesForAWorkerThatDrainsUnasked() {
		FleetStory story = twoAndOne().event(new Event.Draining(2));
		assertThat(story.served()).containsExactly(3L);
		assertThat(story.spawnedIndices()).containsExactly(1);
	}

	@Test
	void scaleUpTakesTheStandbyAndSpawnsAnother() {
		FleetStory story = twoAndOne().event(Event.Signal.SCALE_UP);
		assertThat(story.served()).containsExactly(3L);
		assertThat(story.spawnedIndices()).containsExactly(3);
		assertThat(story.ready(4).served()).isEmpty();
	}

	@Test
	void scaleDownRetiresAWorkerThatServesAndKeepsTheStandby() {
		FleetStory story = twoAndOne().event(Event.Signal.SCALE_DOWN);
		assertThat(story.stoppedAges()).containsExactly(2L);
		assertThat(story.ages(Lifecycle.READY)).containsExactly(1L);
		assertThat(story.ages(Lifecycle.STANDBY)).containsExactly(3L);
	}

	@Test
	void standbysCountForTheMostWorkers() {
		FleetStory story = FleetStory.allReady(workers(2, ArbiterSettings.MAX_WORKERS - 2));
		assertThat(story.event(Event.Signal.SCALE_UP).lines())
			.containsExactly("WARN Not scaling to 3 workers: the limits are 1 and 2");
	}

	@Test
	void standbyThatDiesIsReplaced() {
		FleetStory story = twoAndOne().exited(3, 137);
		assertThat(story.spawnedIndices()).containsExactly(2);
		assertThat(story.served()).isEmpty();
	}

	@Test
	void silentStandbyIsRecordedAndKilled() {
		FleetStory story = twoAndOne().after(TIMEOUT).tickWithout(3);
		assertThat(story.recording()).containsExactly(3L);
		assertThat(story.spawnedIndices()).containsExactly(2);
		assertThat(story.after(RECORD_LIMIT).tick().killed()).containsExactly(3L);
	}

	@Test
	void moreDeathsThanStandbysLeaveAGapUntilAnotherIsReady() {
		FleetStory story = twoAndOne().exited(1, 137).exited(2, 137);
		assertThat(story.ages(Lifecycle.READY)).containsExactly(3L);
		assertThat(story.ready(4).served()).containsExactly(4L);
		assertThat(story.lines()).noneMatch((line) -> line.contains("no longer standing by"));
	}

	@Test
	void standbyIsReloadedLast() {
		FleetStory story = twoAndOne().event(Event.Signal.RELOAD);
		story.ready(4).drained(1).ready(5).drained(2);
		assertThat(story.ready(6).stoppedAges()).containsExactly(3L);
		assertThat(story.served()).isEmpty();
		assertThat(story.state().reload()).isNull();
		assertThat(story.ages(Lifecycle.STANDBY)).containsExactly(6L);
	}

	@Test
	void standbyEndsWithTheFleetWithoutWaitingForTheQueue() {
		FleetStory story = twoAndOne().event(Event.Signal.STOP);
		assertThat(story.stoppedAges()).containsExactly(3L);
		assertThat(story.tick().tick().stoppedAges()).containsExactly(1L, 2L);
	}

}
