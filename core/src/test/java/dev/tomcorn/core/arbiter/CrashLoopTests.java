package dev.tomcorn.core.arbiter;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;

import static dev.tomcorn.core.arbiter.FleetStory.SECOND;
import static dev.tomcorn.core.arbiter.FleetStory.workers;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for repeated quick deaths, as operators see them.
 */
class CrashLoopTests {

	/**
	 * A fleet of two whose second worker has died three times in a row.
	 */
	private static FleetStory loop() {
		FleetStory story = FleetStory.allReady(workers(2)).exited(2, 1);
		story.exited(story.spawnedAge(), 1).after(SECOND).tick();
		return story.exited(story.spawnedAge(), 1);
	}

	@Test
	void singleDeathIsNoLoop() {
		assertThat(FleetStory.allReady(workers(2)).exited(2, 1).report().crashLoops()).isEmpty();
	}

	@Test
	void loopIsInTheReport() {
		FleetStory story = loop();
		assertThat(story.report().crashLoops()).singleElement().satisfies((loop) -> {
			assertThat(loop.index()).isOne();
			assertThat(loop.deaths()).isEqualTo(3);
		});
		assertThat(story.posted()).isNotEmpty();
		assertThat(story.report().deaths()).hasSize(3).first().extracting(FleetReport.DeathReport::age).isEqualTo(4L);
	}

	@Test
	void placeRecoversAfterAQuietMinute() {
		FleetStory story = loop().after(Duration.ofSeconds(2)).tick();
		story.ready(story.spawnedAge()).after(CrashHistory.QUIET.minus(FleetStory.INSTANT)).tick();
		assertThat(story.report().crashLoops()).isNotEmpty();
		story.after(FleetStory.INSTANT).tick();
		assertThat(story.report().crashLoops()).isEmpty();
		assertThat(story.lines()).containsExactly("INFO No worker 1 has died for 60 s: its crash loop is over");
	}

	@Test
	void placeThatWasScaledAwayIsNoLoopForEver() {
		FleetStory story = loop().event(Event.Signal.SCALE_DOWN).after(CrashHistory.QUIET).tick();
		assertThat(story.report().crashLoops()).isEmpty();
		assertThat(story.spawned()).isEmpty();
	}

	@Test
	void restOfTheFleetGoesOnServing() {
		FleetStory story = loop();
		assertThat(story.ages(Lifecycle.READY)).containsExactly(1L);
		assertThat(story.stopped()).isEmpty();
	}

	@Test
	void workerThatDiesRightAfterReadyIsSpawnedAboutTenTimesInTheFirstMinuteAtMost() {
		FleetStory story = FleetStory.of(workers(1)).ready(1).exited(1, 1);
		int spawns = 1 + story.spawned().size();
		for (int step = 0; step < 600; step++) {
			for (long age : story.ages(Lifecycle.STARTING)) {
				story.ready(age);
				spawns += story.exited(age, 1).spawned().size();
			}
			spawns += story.after(Duration.ofMillis(100)).tick().spawned().size();
		}
		assertThat(spawns).isBetween(5, 10);
	}

	@Test
	void onlyTheLastDeathsAreKept() {
		FleetStory story = FleetStory.allReady(workers(1));
		for (int death = 0; death < 20; death++) {
			story.ages(Lifecycle.READY).forEach((age) -> story.exited(age, 1));
			story.after(CrashHistory.MAX_DELAY).tick();
			story.ages(Lifecycle.STARTING).forEach(story::ready);
		}
		assertThat(story.report().deaths()).hasSize(FleetReport.MAX_DEATHS)
			.isSortedAccordingTo((one, other) -> Long.compare(other.age(), one.age()));
	}

	@Test
	void incidentIsAddedToTheDeath() {
		FleetStory story = FleetStory.allReady(workers(1)).exited(1, 1).event(new Event.Recorded(1, "/incidents/1"));
		assertThat(story.report().deaths()).singleElement()
			.extracting(FleetReport.DeathReport::incident)
			.isEqualTo("/incidents/1");
	}

}
