package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.tomcorn.core.arbiter.FleetReport.ReloadOutcome;
import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;

import static dev.tomcorn.core.arbiter.FleetStory.BOOT_TIMEOUT;
import static dev.tomcorn.core.arbiter.FleetStory.GRACEFUL_TIMEOUT;
import static dev.tomcorn.core.arbiter.FleetStory.SECOND;
import static dev.tomcorn.core.arbiter.FleetStory.reloadSurge;
import static dev.tomcorn.core.arbiter.FleetStory.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Tests for {@link Reloads}, event by event.
 */
class ReloadTests {

	private static FleetStory reloading(ArbiterSettings settings) {
		return FleetStory.allReady(settings).after(SECOND).event(Event.Signal.RELOAD);
	}

	/**
	 * Complete a reload: every new worker becomes ready, and every draining one ends.
	 */
	private static void finish(FleetStory story) {
		for (int step = 0; isReloading(story, step); step++) {
			story.ages(Lifecycle.STARTING).forEach(story::ready);
			story.ages(Lifecycle.DRAINING).forEach(story::drained);
			story.tick();
		}
	}

	private static boolean isReloading(FleetStory story, int step) {
		assertThat(step).as("steps of a reload").isLessThan(1000);
		return story.state().reload() != null;
	}

	private static FleetReport.ReloadReport outcome(FleetStory story) {
		FleetReport.ReloadReport reload = story.report().reload();
		assertThat(reload).isNotNull();
		return reload;
	}

	@Test
	void canaryGoesAheadAndNobodyElseIsTouched() {
		FleetStory story = reloading(workers(3));
		assertThat(story.spawned()).containsExactly(new Placement(3, 0, 4, 2));
		assertThat(story.stopped()).isEmpty();
		assertThat(story.after(SECOND).tick().commands()).isEmpty();
		assertThat(outcome(story).outcome()).isEqualTo(ReloadOutcome.RUNNING);
		assertThat(story.state().generation()).isOne();
	}

	@Test
	void canaryThatIsReadyRelievesWhomItSucceeds() {
		FleetStory story = reloading(workers(3)).ready(4);
		assertThat(story.served()).containsExactly(4L);
		assertThat(story.stopped()).containsExactly(new Command.Stop(1, GRACEFUL_TIMEOUT));
		assertThat(story.commands().indexOf(new Command.Serve(4)))
			.isLessThan(story.commands().indexOf(new Command.Stop(1, GRACEFUL_TIMEOUT)));
		assertThat(story.state().generation()).isEqualTo(2);
	}

	@Test
	void othersFollowOneByOne() {
		FleetStory story = reloading(workers(3)).ready(4);
		assertThat(story.spawned()).isEmpty();
		assertThat(story.drained(1).spawned()).containsExactly(new Placement(0, 1, 5, 2));
		assertThat(story.stopped()).isEmpty();
		assertThat(story.ready(5).stoppedAges()).containsExactly(2L);
		assertThat(story.spawned()).isEmpty();
		assertThat(story.drained(2).spawned()).containsExactly(new Placement(1, 2, 6, 2));
		assertThat(story.ready(6).stoppedAges()).containsExactly(3L);
		assertThat(outcome(story).outcome()).isEqualTo(ReloadOutcome.SUCCEEDED);
		assertThat(story.lines()).last().asString().isEqualTo("INFO Reload to generation 2 succeeded in 0 s");
	}

	@Test
	void surgeOfTwoBringsTwoAtATimeOnceTheCanaryIsReady() {
		FleetStory story = reloading(reloadSurge(4, 2));
		assertThat(story.spawnedIndices()).containsExactly(0);
		assertThat(story.ready(5).spawnedIndices()).containsExactly(1);
		assertThat(story.drained(1).spawnedIndices()).containsExactly(2);
		assertThat(story.living()).hasSize(6);
		assertThat(story.ready(6).stoppedAges()).containsExactly(2L);
		assertThat(story.ready(7).stoppedAges()).containsExactly(3L);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 7 })
	void fleetOf128IsReloadedWithoutEverBeingSmallerOrLargerThanItMay(int surge) {
		FleetStory story = reloading(reloadSurge(ArbiterSettings.MAX_WORKERS, surge));
		for (int step = 0; isReloading(story, step); step++) {
			story.ages(Lifecycle.STARTING).forEach((age) -> {
				story.ready(age);
				assertThat(story.ages(Lifecycle.READY)).hasSize(ArbiterSettings.MAX_WORKERS);
				assertThat(story.living()).hasSizeLessThanOrEqualTo(ArbiterSettings.MAX_WORKERS + surge);
			});
			story.ages(Lifecycle.DRAINING).forEach(story::drained);
		}
		assertThat(story.living()).filteredOn(WorkerHandle::active).allMatch((worker) -> worker.generation() == 2);
	}

	/**
	 * Ways in which a version may fail to boot.
	 */
	enum BootFailure {

		EXIT {

			@Override
			void of(FleetStory story, long age) {
				story.exited(age, 1);
			}

		},

		BOOT_TIMEOUT {

			@Override
			void of(FleetStory story, long age) {
				story.after(FleetStory.BOOT_TIMEOUT).tick();
			}

		},

		SPAWN_FAILURE {

			@Override
			void of(FleetStory story, long age) {
				story.event(new Event.SpawnFailed(age, "No such file"));
			}

		},

		DRAINING {

			@Override
			void of(FleetStory story, long age) {
				story.event(new Event.Draining(age));
			}

		};

		abstract void of(FleetStory story, long age);

	}

	@ParameterizedTest
	@EnumSource
	void versionThatDoesNotBootLeavesTheOldOneServing(BootFailure failure) {
		FleetStory story = reloading(workers(2));
		failure.of(story, 3);
		assertThat(story.state().reload()).isNull();
		assertThat(story.state().generation()).isOne();
		assertThat(story.ages(Lifecycle.READY)).containsExactly(1L, 2L);
		assertThat(story.stopped()).isEmpty();
		assertThat(story.spawned()).isEmpty();
		assertThat(outcome(story).outcome()).isEqualTo(ReloadOutcome.FAILED);
		assertThat(outcome(story).cause()).startsWith("Worker 0 ");
		assertThat(story.lines())
			.anySatisfy((line) -> assertThat(line).startsWith("ERROR Reload to generation 2 failed: Worker 0 ")
				.endsWith("; generation 1 goes on serving"));
		assertThat(story.streak(0)).isZero();
	}

	@Test
	void reportOfTheApplicationIsPartOfTheOutcome() {
		FleetStory story = reloading(workers(2)).event(new Event.BootFailed(3, "Port 8080 was already in use"));
		assertThat(story.commands()).isEmpty();
		story.exited(3, 1);
		assertThat(outcome(story).failure()).isEqualTo("Port 8080 was already in use");
		assertThat(outcome(story).cause())
			.isEqualTo("Worker 0 (pid 4703) could not boot: Port 8080 was already in use");
	}

	@Test
	void reportThatComesAfterTheNewsIsPartOfTheOutcomeToo() {
		FleetStory story = reloading(workers(2)).event(new Event.Draining(3));
		assertThat(outcome(story).failure()).isEmpty();
		story.event(new Event.BootFailed(3, "Port 8080 was already in use"));
		assertThat(outcome(story).failure()).isEqualTo("Port 8080 was already in use");
		assertThat(story.posted()).hasSize(1);
	}

	@Test
	void whoAskedIsToldOfTheSuccess() {
		FleetStory story = FleetStory.allReady(workers(2)).event(asked(2, 77));
		List<Command.Reply> answers = new ArrayList<>();
		for (int step = 0; isReloading(story, step); step++) {
			story.ages(Lifecycle.STARTING).forEach((age) -> answers.addAll(story.ready(age).answers()));
			story.ages(Lifecycle.DRAINING).forEach((age) -> answers.addAll(story.drained(age).answers()));
		}
		assertThat(answers).containsExactly(succeeded(2, 77, "Reload to generation 2 succeeded in 0 s"));
	}

	@Test
	void whoAskedIsToldOfTheFailureInTheApplicationsWords() {
		FleetStory story = FleetStory.allReady(workers(2))
			.event(asked(2, 77))
			.event(new Event.BootFailed(3, "Port 8080 was already in use.\nStop what listens there."))
			.exited(3, 1);
		assertThat(story.answers()).containsExactly(failed(2, 77,
				"Reload to generation 2 failed: Worker 0 (pid 4703) could not boot: Port 8080 was already in use\n"
						+ "Stop what listens there."));
	}

	@Test
	void whoAskedIsReplacedLast() {
		FleetStory story = FleetStory.allReady(workers(3)).event(asked(1, 77));
		List<Long> stopped = new ArrayList<>();
		for (int step = 0; isReloading(story, step); step++) {
			story.ages(Lifecycle.STARTING).forEach((age) -> stopped.addAll(story.ready(age).stoppedAges()));
			story.ages(Lifecycle.DRAINING).forEach(story::drained);
		}
		assertThat(stopped).containsExactly(2L, 3L, 1L);
	}

	@Test
	void secondReloadWaitsForTheFirst() {
		FleetStory story = reloading(workers(1)).event(Event.Signal.RELOAD);
		assertThat(story.spawned()).isEmpty();
		story.ready(2);
		assertThat(story.notified()).contains(new FleetEvent.ReloadEnded(2, true, ""), new FleetEvent.ReloadStarted(3));
		assertThat(outcome(story)).extracting(FleetReport.ReloadReport::generation, FleetReport.ReloadReport::outcome)
			.containsExactly(3, ReloadOutcome.RUNNING);
		finish(story);
		assertThat(story.state().generation()).isEqualTo(3);
	}

	@Test
	void reloadThatWaitedBeginsAfterAFailureToo() {
		FleetStory story = reloading(workers(1)).event(Event.Signal.RELOAD).exited(2, 1);
		assertThat(story.notified()).contains(new FleetEvent.ReloadStarted(2));
		assertThat(story.spawned()).containsExactly(new Placement(1, 0, 3, 2));
	}

	@Test
	void reloadsThatWaitBecomeOneThatAnswersAll() {
		FleetStory story = reloading(workers(1)).event(asked(1, 5)).event(asked(1, 6)).event(Event.Signal.RELOAD);
		assertThat(story.ready(2).answers()).isEmpty();
		assertThat(story.drained(1).spawnedAge()).isEqualTo(3);
		assertThat(story.ready(3).answers()).extracting((reply) -> reply.requester().number()).containsExactly(5L, 6L);
		assertThat(story.state().reload()).isNull();
	}

	@Test
	void hundredsOfHangupsAreOneReloadThatWaitsAndCrowdOutNobody() {
		FleetStory story = reloading(workers(1)).event(Event.Signal.RELOAD);
		for (int signal = 0; signal < 500; signal++) {
			assertThat(story.event(Event.Signal.RELOAD).commands()).isEmpty();
		}
		assertThat(story.event(asked(1, 5)).answers()).isEmpty();
		finish(story);
		assertThat(story.state().generation()).isEqualTo(3);
	}

	@Test
	void moreReloadsThanCanWaitAreRefused() {
		FleetStory story = reloading(workers(1));
		for (long number = 1; number <= 64; number++) {
			assertThat(story.event(asked(1, number)).answers()).isEmpty();
		}
		assertThat(story.event(asked(1, 65)).answers())
			.containsExactly(failed(1, 65, "Not reloading: too many reloads are requested"));
	}

	@ParameterizedTest
	@EnumSource(names = { "STOP", "STOP_FAST", "PAUSE" })
	void endOfTheFleetEndsAReloadAndAnswersEverybody(Event.Signal end) {
		FleetStory story = FleetStory.allReady(workers(2)).event(asked(2, 1)).event(asked(2, 2)).event(end);
		assertThat(outcome(story).outcome()).isEqualTo(ReloadOutcome.FAILED);
		assertThat(story.answers()).extracting((reply) -> reply.requester().number()).containsExactly(1L, 2L);
		assertThat(story.answers()).noneMatch((reply) -> reply.answer().outcome().isGood());
		assertThat(story.stoppedAges()).contains(3L);
		assertThat(story.tick().tick().spawned()).isEmpty();
	}

	@Test
	void reloadWhileStoppingIsRefused() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.STOP).event(asked(1, 1));
		assertThat(story.answers()).containsExactly(failed(1, 1, "Not reloading: the fleet is stopping"));
	}

	@Test
	void reloadDuringTheFirstBootIsRefused() {
		FleetStory story = FleetStory.of(workers(2)).event(Event.Signal.RELOAD);
		assertThat(story.lines()).containsExactly("WARN Not reloading: the first worker has not booted yet");
		assertThat(story.ready(1).spawned()).containsExactly(new Placement(1, 1, 2, 1));
	}

	@Test
	void scaleUpDuringTheCanaryWaitsForItAndBringsTheNewGeneration() {
		FleetStory story = reloading(workers(2)).event(Event.Signal.SCALE_UP);
		assertThat(story.spawned()).isEmpty();
		assertThat(story.ready(3).spawned()).containsExactly(new Placement(3, 2, 4, 2));
		finish(story);
		assertThat(story.ages(Lifecycle.READY)).hasSize(3);
	}

	@Test
	void scaleDownDuringAReloadDrainsTheLastPlace() {
		FleetStory story = reloading(workers(3)).event(Event.Signal.SCALE_DOWN);
		assertThat(story.stoppedAges()).containsExactly(3L);
		finish(story);
		assertThat(story.living()).filteredOn(WorkerHandle::active)
			.extracting(WorkerHandle::index, WorkerHandle::generation)
			.containsExactlyInAnyOrder(tuple(0, 2), tuple(1, 2));
	}

	@Test
	void deathOfAnOldWorkerDuringTheCanaryWaitsForItsVerdict() {
		FleetStory story = reloading(workers(3)).exited(2, 137);
		assertThat(story.spawned()).isEmpty();
		assertThat(story.ready(4).spawned()).containsExactly(new Placement(1, 1, 5, 2));
	}

	@Test
	void placeThatWasEmptiedDuringTheCanaryIsFilledWhenItFails() {
		FleetStory story = reloading(workers(3)).exited(2, 137).exited(4, 1);
		assertThat(story.spawned()).containsExactly(new Placement(1, 1, 5, 1));
	}

	@Test
	void canaryTakesThePlaceOfAnOldWorkerThatDies() {
		FleetStory story = reloading(workers(2)).exited(1, 137);
		assertThat(story.spawned()).isEmpty();
		assertThat(story.ready(3).served()).containsExactly(3L);
	}

	@Test
	void placeOfAnOldWorkerThatDiesWhileOthersFollowIsFilledByTheNewGeneration() {
		FleetStory story = reloading(workers(3)).ready(4).drained(1);
		assertThat(story.exited(3, 137).spawned()).containsExactly(new Placement(2, 2, 6, 2));
	}

	@Test
	void oldWorkerThatStillBootsWhenTheCanaryIsReadyIsRetired() {
		FleetStory story = FleetStory.allReady(workers(2)).exited(2, 1).event(Event.Signal.RELOAD);
		assertThat(story.spawnedIndices()).containsExactly(0);
		assertThat(story.ready(4).stoppedAges()).containsExactlyInAnyOrder(1L, 3L);
	}

	@Test
	void threeBootFailuresInARowEndAReloadWhoseCanaryWasReady() {
		FleetStory story = reloading(workers(2)).ready(3).drained(1);
		for (int failure = 1; failure <= 3; failure++) {
			assertThat(story.state().reload()).as("before failure %d", failure).isNotNull();
			long age = story.ages(Lifecycle.STARTING).getFirst();
			story.exited(age, 1);
			if (failure < 3) {
				story.after(CrashHistory.MAX_DELAY).tick();
			}
		}
		assertThat(outcome(story).outcome()).isEqualTo(ReloadOutcome.FAILED);
		assertThat(story.lines())
			.anySatisfy((line) -> assertThat(line).endsWith("workers that were not replaced yet go on serving"));
		assertThat(story.ages(Lifecycle.READY)).containsExactly(2L, 3L);
		assertThat(story.after(Duration.ofMinutes(5)).tick().spawned()).isEmpty();
	}

	@Test
	void tickThatEndsAReloadRetiresTheOthersThatBootForIt() {
		FleetStory story = reloading(reloadSurge(4, 2)).ready(5).drained(1);
		assertThat(story.ages(Lifecycle.STARTING)).containsExactly(6L, 7L);
		story.after(SECOND).exited(7, 1);
		assertThat(story.exited(8, 1).spawnedAge()).isEqualTo(9);
		assertThat(story.after(BOOT_TIMEOUT.minus(SECOND)).tick().recording()).containsExactly(6L);
		assertThat(outcome(story).outcome()).isEqualTo(ReloadOutcome.FAILED);
		assertThat(story.stoppedAges()).containsExactly(9L);
		assertThat(story.ready(9).served()).isEmpty();
		assertThat(story.ages(Lifecycle.READY)).containsExactly(2L, 3L, 4L, 5L);
	}

	@Test
	void threeDeathsOfTheNewGenerationEndItsReloadHoweverManyBootInBetween() {
		FleetStory story = reloading(workers(4)).ready(5).drained(1);
		story.exited(story.ages(Lifecycle.STARTING).getFirst(), 1).after(CrashHistory.MAX_DELAY).tick();
		story.ready(story.ages(Lifecycle.STARTING).getFirst());
		story.ages(Lifecycle.DRAINING).forEach(story::drained);
		story.exited(story.ages(Lifecycle.STARTING).getFirst(), 1).after(CrashHistory.MAX_DELAY).tick();
		assertThat(outcome(story).outcome()).isEqualTo(ReloadOutcome.RUNNING);
		story.exited(story.ages(Lifecycle.STARTING).getFirst(), 1);
		assertThat(outcome(story).outcome()).isEqualTo(ReloadOutcome.FAILED);
	}

	@Test
	void versionThatDiesRightAfterItIsReadyTakesNoSecondPlace() {
		FleetStory story = reloading(workers(3)).ready(4).drained(1);
		long age = 4;
		for (int death = 1; death <= 3; death++) {
			story.exited(age, 1);
			// A successor that was on its way already
			story.ages(Lifecycle.STARTING)
				.stream()
				.filter((starting) -> story.state().workers().get(starting).index() != 0)
				.forEach((starting) -> story.exited(starting, 1));
			if (outcome(story).outcome() == ReloadOutcome.FAILED) {
				break;
			}
			story.after(CrashHistory.MAX_DELAY).tick();
			age = story.ages(Lifecycle.STARTING).getFirst();
			story.ready(age);
		}
		assertThat(outcome(story).outcome()).isEqualTo(ReloadOutcome.FAILED);
		assertThat(story.ages(Lifecycle.READY)).contains(2L, 3L);
	}

	@Test
	void noWorkerIsReplacedWhileAnotherIsMissing() {
		FleetStory story = reloading(workers(3)).ready(4);
		story.exited(4, 1).drained(1);
		assertThat(story.ages(Lifecycle.STARTING)).extracting((age) -> story.state().workers().get(age).index())
			.doesNotContain(2);
		long again = story.ages(Lifecycle.STARTING).getFirst();
		assertThat(story.state().workers().get(again).index()).isZero();
		assertThat(story.ready(again).spawnedIndices()).isNotEmpty();
	}

	@Test
	void reloadSucceedsOnlyOnceTheFleetIsWhole() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.PAUSE).drained(1).drained(2);
		story.event(Event.Signal.RELOAD).ready(3);
		assertThat(outcome(story).outcome()).isEqualTo(ReloadOutcome.RUNNING);
		story.ready(story.ages(Lifecycle.STARTING).getFirst());
		assertThat(outcome(story).outcome()).isEqualTo(ReloadOutcome.SUCCEEDED);
	}

	@Test
	void reloadForgetsTheCrashesOfTheVersionBefore() {
		FleetStory story = FleetStory.allReady(workers(1)).exited(1, 1);
		for (int crash = 0; crash < 4; crash++) {
			story.exited(story.ages(Lifecycle.STARTING).getFirst(), 1);
			if (crash < 3) {
				story.after(CrashHistory.MAX_DELAY).tick();
			}
		}
		assertThat(story.report().crashLoops()).isNotEmpty();
		assertThat(story.spawned()).isEmpty();
		story.event(Event.Signal.RELOAD);
		assertThat(story.spawned()).extracting(Placement::generation).containsExactly(2);
		assertThat(story.report().crashLoops()).isEmpty();
	}

	@Test
	void settingsComeWithTheGeneration() {
		ArbiterSettings settings = new ArbiterSettings(4, 1, 2, 2, BOOT_TIMEOUT, Duration.ofSeconds(5),
				GRACEFUL_TIMEOUT.plusSeconds(1), FleetStory.CLOSE_TIMEOUT, ArbiterSettings.RECORD_LIMIT);
		FleetStory story = reloading(workers(2)).ready(3, settings);
		assertThat(story.commands()).contains(new Command.Publish(2, settings, 4));
		assertThat(story.notified()).contains(new FleetEvent.Scaled(2, 4));
		finish(story);
		story.ages(Lifecycle.STARTING).forEach(story::ready);
		story.ages(Lifecycle.DRAINING).forEach(story::drained);
		story.ages(Lifecycle.STARTING).forEach(story::ready);
		assertThat(story.ages(Lifecycle.READY)).hasSize(4);
		assertThat(story.ages(Lifecycle.STANDBY)).hasSize(1);
	}

	@Test
	void settingsOfAWorkerThatIsNoCanaryChangeNothing() {
		FleetStory story = FleetStory.of(workers(2)).ready(1, workers(5)).ready(2, workers(7));
		assertThat(story.state().targetWorkers()).isEqualTo(2);
		assertThat(story.state().settings()).isEqualTo(workers(2));
	}

	@Test
	void scaledNumberIsKeptUnlessTheSettingHasChanged() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.SCALE_UP).ready(3);
		assertThat(story.event(Event.Signal.RELOAD).ready(4, workers(2)).state().targetWorkers()).isEqualTo(3);
		finish(story);
		long canary = story.event(Event.Signal.RELOAD).tick().ages(Lifecycle.STARTING).getFirst();
		assertThat(story.ready(canary, workers(1)).state().targetWorkers()).isOne();
	}

	@Test
	void operatorsSeeNothingOfAReloadThatIsRefused() {
		FleetStory story = FleetStory.of(workers(1)).event(Event.Signal.RELOAD);
		assertThat(story.notified()).isEmpty();
		assertThat(story.posted()).isEmpty();
	}

	private static Event asked(long client, long number) {
		return new Event.Requested(new Requester(client, number), new Operation.Reload(true));
	}

	private static Command.Reply succeeded(long client, long number, String message) {
		return new Command.Reply(new Requester(client, number), Answer.succeeded(message));
	}

	private static Command.Reply failed(long client, long number, String message) {
		return new Command.Reply(new Requester(client, number), Answer.failed(message));
	}

}
