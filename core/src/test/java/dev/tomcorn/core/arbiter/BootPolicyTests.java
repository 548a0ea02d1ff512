package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static dev.tomcorn.core.arbiter.FleetStory.BOOT_TIMEOUT;
import static dev.tomcorn.core.arbiter.FleetStory.SECOND;
import static dev.tomcorn.core.arbiter.FleetStory.reloadSurge;
import static dev.tomcorn.core.arbiter.FleetStory.workers;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BootPolicy}, and for fleets whose workers boot at the same time.
 */
class BootPolicyTests {

	private static final BootPolicy TOGETHER = new BootPolicy(false, 1);

	@ParameterizedTest
	@CsvSource({ "1, 0, 1", "2, 0, 1", "4, 0, 2", "8, 0, 4", "8, 3.9, 2", "8, 7.5, 1", "2, 5, 1" })
	void bootsShareWhatServingWorkersLeave(int processors, double busy, int together) {
		assertThat(new BootPolicy(true, processors).together(busy)).isEqualTo(together);
	}

	@Test
	void allBootAtOnceIfTheFirstIsNotAlone() {
		FleetStory story = FleetStory.booting(workers(3, 1), TOGETHER);
		assertThat(story.spawnedIndices()).containsExactly(0, 1, 2, 3);
		assertThat(story.ready(2).spawned()).isEmpty();
		assertThat(story.served()).containsExactly(2L);
	}

	@Test
	void firstBootsAloneOtherwise() {
		assertThat(FleetStory.booting(workers(3), new BootPolicy(true, 64)).spawnedIndices()).containsExactly(0);
	}

	@Test
	void oneThatCannotBootIsReplacedOnceAnotherIsReady() {
		FleetStory story = FleetStory.booting(workers(3), TOGETHER).exitedUnheard(1, 1);
		assertThat(story.lines())
			.containsExactly("WARN Worker 0 (pid 4701) could not boot: exit code 1. Others still boot");
		assertThat(story.spawned()).isEmpty();
		assertThat(story.after(BOOT_TIMEOUT).tick().spawned()).isEmpty();
		assertThat(story.ready(2).spawnedIndices()).containsExactly(0);
	}

	@Test
	void fleetHaltsWhenTheLastHasFailed() {
		FleetStory story = FleetStory.booting(workers(3), TOGETHER).exitedUnheard(2, 1).exitedUnheard(1, 1);
		assertThat(story.commands()).doesNotHaveAnyElementsOfTypes(Command.Halt.class);
		assertThat(story.exitedUnheard(3, 1).commands()).endsWith(new Command.Halt(3));
	}

	@Test
	void jobThatEachDoesEndsTheFleetWithTheLast() {
		FleetStory story = FleetStory.booting(workers(2), TOGETHER).exited(2, 0);
		assertThat(story.lines()).containsExactly("INFO Worker 1 (pid 4702) has ended by itself before it served, "
				+ "with exit code 0. Others still boot");
		assertThat(story.exited(1, 7).commands()).endsWith(new Command.Halt(7));
	}

	@Test
	void bootThatASignalCutsShortIsRepeatedOnceAnotherIsReady() {
		FleetStory story = FleetStory.booting(workers(2), TOGETHER).signalled(1, 15);
		assertThat(story.lines()).singleElement().asString().endsWith("respawning when another is ready");
		assertThat(story.ready(2).spawnedIndices()).containsExactly(0);
	}

	@Test
	void bootTimeoutOfTheOthersBeginsWhenOneIsReady() {
		FleetStory story = FleetStory.booting(workers(2), TOGETHER)
			.after(BOOT_TIMEOUT.plus(Duration.ofHours(1)))
			.tick()
			.after(BOOT_TIMEOUT.dividedBy(2))
			.ready(1);
		assertThat(story.after(BOOT_TIMEOUT.minus(SECOND)).tick().recording()).isEmpty();
		assertThat(story.after(SECOND).tick().recording()).containsExactly(2L);
	}

	@Test
	void oneThatIsNotNeededAnyMoreIsStoppedWhileAllBoot() {
		FleetStory story = FleetStory.booting(workers(3), TOGETHER).event(Event.Signal.SCALE_DOWN);
		assertThat(story.stoppedAges()).containsExactly(3L);
		assertThat(story.drained(3).spawned()).isEmpty();
		assertThat(story.ready(1).ready(2).spawned()).isEmpty();
	}

	@Test
	void reloadBootsAsManyAtOnceAsCpusAllow() {
		assertThat(successors(64, 0)).as("max-surge").isEqualTo(3);
		assertThat(successors(4, 0)).as("CPUs").isEqualTo(2);
		assertThat(successors(2, 0)).as("few CPUs").isEqualTo(1);
		assertThat(successors(8, 4.5)).as("load").isEqualTo(1);
	}

	@Test
	void workerThatBootsForItsPlaceDoesNotHoldUpAReload() {
		FleetStory story = FleetStory.booting(workers(2), new BootPolicy(true, 2)).ready(1).ready(2).exited(2, 1);
		assertThat(story.ages(WorkerHandle.Lifecycle.STARTING)).containsExactly(3L);
		story.event(Event.Signal.RELOAD);
		assertThat(story.spawned()).singleElement().returns(2, Placement::generation);
	}

	@Test
	void onlyServingWorkersKeepCpusBusy() {
		FleetStory story = FleetStory.booting(workers(2), new BootPolicy(true, 8)).ready(1);
		story.event(new Event.Tick(Map.of(1L, new Event.Heartbeat(1, "", 1.5), 2L, new Event.Heartbeat(1, "", 4), 3L,
				new Event.Heartbeat(1, "", 2)), 0));
		assertThat(story.state().busy()).isEqualTo(1.5);
		story.ready(2);
		story.event(new Event.Tick(Map.of(1L, new Event.Heartbeat(2, "", 1.5), 2L, new Event.Heartbeat(2, "", 4)), 0));
		assertThat(story.state().busy()).isEqualTo(5.5);
	}

	@Test
	void eachThatBootsForLongBeforeAnyServesIsLeftAlone() {
		FleetStory story = FleetStory.booting(workers(2), TOGETHER).after(BOOT_TIMEOUT).tick();
		assertThat(story.lines()).containsExactly(
				"WARN Worker 0 (pid 4701) has booted for 60 s, longer than boot-timeout (60 s), "
						+ "and is not killed: no worker serves yet",
				"WARN Worker 1 (pid 4702) has booted for 60 s, longer than boot-timeout (60 s), "
						+ "and is not killed: no worker serves yet");
	}

	/**
	 * Return how many workers boot once the new generation is proven and its first worker
	 * has replaced another.
	 */
	private static int successors(int processors, double busy) {
		FleetStory story = FleetStory.booting(reloadSurge(4, 3), new BootPolicy(true, processors));
		story.ready(1).ready(2).ready(3).ready(4);
		story.event(new Event.Tick(Map.of(1L, new Event.Heartbeat(1, "", busy)), 0));
		story.event(Event.Signal.RELOAD);
		long first = story.spawnedAge();
		story.ready(first).drained(1);
		return (int) story.living().stream().filter((worker) -> worker.is(WorkerHandle.Lifecycle.STARTING)).count();
	}

}
