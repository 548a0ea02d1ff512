package dev.tomcorn.core.arbiter;

import org.junit.jupiter.api.Test;

import dev.tomcorn.core.arbiter.Answer.Outcome;
import dev.tomcorn.core.arbiter.FleetReport.ReleaseReport;
import dev.tomcorn.core.arbiter.FleetState.Phase;

import static dev.tomcorn.core.arbiter.FleetStory.SECOND;
import static dev.tomcorn.core.arbiter.FleetStory.workers;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Preparations}, event by event.
 */
class PreparationTests {

	private static final ApplicationRelease OLD = new ApplicationRelease("a".repeat(64), "app-1.jar", 1);

	private static final ApplicationRelease NEW = new ApplicationRelease("b".repeat(64), "app-2.jar", 2);

	private static Command.Prepare prepare(FleetStory story) {
		return story.commands()
			.stream()
			.filter(Command.Prepare.class::isInstance)
			.map(Command.Prepare.class::cast)
			.findFirst()
			.orElseThrow(() -> new AssertionError("Nothing is prepared by " + story.commands()));
	}

	private static Event prepared(Command.Prepare asked, ApplicationRelease release) {
		return new Event.Prepared(asked.generation(), asked.since(), release, "");
	}

	/**
	 * A fleet of two workers that serve, of age 1 and 2.
	 */
	private static FleetStory serving() {
		FleetStory story = FleetStory.keeping(workers(2));
		return story.event(prepared(prepare(story), OLD)).ready(1).ready(2).after(SECOND);
	}

	@Test
	void noWorkerIsSpawnedBeforeItsReleaseIsPrepared() {
		FleetStory story = FleetStory.keeping(workers(2));
		Command.Prepare asked = prepare(story);
		assertThat(asked.wanted()).isEmpty();
		assertThat(story.spawned()).isEmpty();
		assertThat(story.after(SECOND).tick().spawned()).isEmpty();
		story.event(prepared(asked, OLD));
		assertThat(story.commands()).containsSubsequence(new Command.Adopt(1, OLD),
				new Command.Spawn(new Placement(0, 0, 1, 1)));
		assertThat(story.report().releases()).isEqualTo(new ReleaseReport(OLD, ApplicationRelease.AS_GIVEN));
		assertThat(story.lines()).containsExactly("INFO Generation 1 starts from release aaaaaaaaaaaa (app-1.jar)");
	}

	@Test
	void releaseThatIsNeverPreparedHoldsNothingUpForEver() {
		FleetStory story = FleetStory.keeping(workers(1));
		Command.Prepare asked = prepare(story);
		assertThat(story.after(Preparations.LIMIT.minus(SECOND)).tick().spawned()).isEmpty();
		story.after(SECOND).tick();
		assertThat(story.spawned()).hasSize(1);
		assertThat(story.commands()).contains(new Command.Adopt(1, ApplicationRelease.AS_GIVEN));
		assertThat(story.lines()).singleElement().asString().startsWith("WARN").contains("not ready within 120 s");
		assertThat(story.event(prepared(asked, OLD)).commands()).isEmpty();
		assertThat(story.report().releases().current()).isEqualTo(ApplicationRelease.AS_GIVEN);
	}

	@Test
	void nothingIsPreparedWhereNoReleaseIsKept() {
		FleetStory story = FleetStory.of(workers(1));
		assertThat(story.commands()).noneMatch(Command.Prepare.class::isInstance);
		assertThat(story.spawned()).hasSize(1);
	}

	@Test
	void fleetThatStopsWhileItsReleaseIsPreparedHalts() {
		FleetStory story = FleetStory.keeping(workers(2));
		Command.Prepare asked = prepare(story);
		story.event(Event.Signal.STOP);
		assertThat(story.state().phase()).isEqualTo(Phase.HALTED);
		assertThat(story.event(prepared(asked, OLD)).commands()).isEmpty();
	}

	@Test
	void reloadWaitsForItsRelease() {
		FleetStory story = serving().event(Event.Signal.RELOAD);
		Command.Prepare asked = prepare(story);
		assertThat(asked.generation()).isEqualTo(2);
		assertThat(story.spawned()).isEmpty();
		story.event(prepared(asked, NEW));
		assertThat(story.spawned()).singleElement().returns(2, Placement::generation);
		assertThat(story.report().releases().current()).isEqualTo(OLD);
		assertThat(story.ready(story.living().getLast().age()).report().releases().current()).isEqualTo(NEW);
	}

	@Test
	void workerThatDiesWhileAReloadIsPreparedIsReplacedFromTheReleaseThatServes() {
		FleetStory story = serving().event(Event.Signal.RELOAD);
		Command.Prepare asked = prepare(story);
		story.exited(2, 1);
		if (story.spawned().isEmpty()) {
			story.after(SECOND.multipliedBy(2)).tick();
		}
		assertThat(story.spawned()).singleElement().returns(1, Placement::generation);
		story.event(prepared(asked, NEW));
		assertThat(story.spawned()).singleElement().returns(2, Placement::generation);
	}

	@Test
	void failedReloadLeavesItsReleaseWaiting() {
		FleetStory story = serving().event(Event.Signal.RELOAD);
		story.event(prepared(prepare(story), NEW));
		long canary = story.spawnedAge();
		story.exited(canary, 1);
		assertThat(story.lines()).anySatisfy((line) -> assertThat(line).contains(
				"generation 1 goes on serving, and workers that die are replaced by release aaaaaaaaaaaa (app-1.jar)"));
		assertThat(story.report().releases()).isEqualTo(new ReleaseReport(OLD, NEW));
		story.after(SECOND).exited(1, 1);
		if (story.spawned().isEmpty()) {
			story.after(SECOND.multipliedBy(2)).tick();
		}
		assertThat(story.spawned()).singleElement().returns(1, Placement::generation);
	}

	/**
	 * The jar is not the reason that it does not boot.
	 */
	@Test
	void reloadOfTheSameReleaseThatFailsPromisesNothing() {
		FleetStory story = serving().event(Event.Signal.RELOAD);
		story.event(prepared(prepare(story), OLD));
		story.exited(story.spawnedAge(), 1);
		assertThat(story.lines()).anyMatch((line) -> line.endsWith("generation 1 goes on serving"));
	}

	@Test
	void lateReleaseOfAReloadThatHasFailedIsNotThatOfTheNext() {
		FleetStory story = serving().event(Event.Signal.RELOAD);
		Command.Prepare first = prepare(story);
		story.event(Event.Signal.PAUSE).event(new Event.Requested(new Requester(-1, 1), new Operation.Resume(false)));
		Command.Prepare second = prepare(story.after(SECOND).event(Event.Signal.RELOAD));
		assertThat(second.generation()).isEqualTo(first.generation());
		assertThat(story.event(prepared(first, OLD)).commands()).isEmpty();
		assertThat(story.event(prepared(second, NEW)).commands()).contains(new Command.Adopt(2, NEW));
	}

	@Test
	void jarOnDiskWaitsIfItIsNotWhatServes() {
		FleetStory story = serving();
		assertThat(story.event(new Event.OnDisk(OLD)).report().releases().waiting())
			.isEqualTo(ApplicationRelease.AS_GIVEN);
		assertThat(story.event(new Event.OnDisk(NEW)).report().releases()).isEqualTo(new ReleaseReport(OLD, NEW));
		assertThat(story.posted()).hasSize(1);
		assertThat(story.event(new Event.OnDisk(OLD)).report().releases().waiting())
			.isEqualTo(ApplicationRelease.AS_GIVEN);
		FleetStory asGiven = FleetStory.allReady(workers(1)).event(new Event.OnDisk(NEW));
		assertThat(asGiven.report().releases().waiting()).isEqualTo(ApplicationRelease.AS_GIVEN);
	}

	@Test
	void jarOnDiskWaitsWhileAnotherReleaseIsReloaded() {
		FleetStory story = serving().event(new Event.OnDisk(NEW)).event(Event.Signal.RELOAD);
		story.event(prepared(prepare(story), NEW));
		assertThat(story.ready(story.spawnedAge()).report().releases())
			.isEqualTo(new ReleaseReport(NEW, ApplicationRelease.AS_GIVEN));
		FleetStory back = serving().event(new Event.Requested(new Requester(-1, 1), new Operation.Reload(true, "c")));
		ApplicationRelease older = new ApplicationRelease("c".repeat(64), "app-0.jar", 0);
		back.event(prepared(prepare(back), older));
		long canary = back.spawnedAge();
		assertThat(back.event(new Event.OnDisk(OLD)).ready(canary).report().releases().waiting())
			.isEqualTo(ApplicationRelease.AS_GIVEN);
		assertThat(back.event(new Event.OnDisk(OLD)).report().releases()).isEqualTo(new ReleaseReport(older, OLD));
	}

	/**
	 * It still does not boot, and workers that die are not replaced.
	 */
	@Test
	void sameReleaseThatHasFailedWaitsUntilAnotherIsOnDisk() {
		FleetStory story = serving().event(Event.Signal.RELOAD);
		story.event(prepared(prepare(story), OLD));
		story.exited(story.spawnedAge(), 1);
		assertThat(story.event(new Event.OnDisk(OLD)).report().releases().waiting()).isEqualTo(OLD);
		assertThat(story.event(new Event.OnDisk(NEW)).report().releases().waiting()).isEqualTo(NEW);
	}

	@Test
	void unknownReleaseIsRefusedAndIsNoFailedReload() {
		FleetStory story = serving()
			.event(new Event.Requested(new Requester(-1, 1), new Operation.Reload(true, "cafe")));
		Command.Prepare asked = prepare(story);
		assertThat(asked.wanted()).isEqualTo("cafe");
		story.event(new Event.Prepared(2, asked.since(), ApplicationRelease.AS_GIVEN,
				"no release begins with \"cafe\"; kept are aaaaaaaaaaaa"));
		assertThat(story.answers()).singleElement().satisfies((reply) -> {
			assertThat(reply.answer().outcome()).isEqualTo(Outcome.FAILED);
			assertThat(reply.answer().message())
				.isEqualTo("Not reloading: no release begins with \"cafe\"; kept are aaaaaaaaaaaa");
		});
		assertThat(story.report().reload()).isNull();
		assertThat(story.report().releases()).isEqualTo(new ReleaseReport(OLD, ApplicationRelease.AS_GIVEN));
		assertThat(story.spawned()).isEmpty();
	}

	@Test
	void releaseThatIsWantedIsNotReplacedByAnother() {
		FleetStory story = serving()
			.event(new Event.Requested(new Requester(-1, 1), new Operation.Reload(true, "cafe")));
		story.after(Preparations.LIMIT).tick();
		assertThat(story.answers()).singleElement()
			.satisfies((reply) -> assertThat(reply.answer().message())
				.isEqualTo("Not reloading: the release was not ready within 120 s"));
		assertThat(story.spawned()).isEmpty();
		assertThat(story.state().reload()).isNull();
	}

	@Test
	void keptReleaseCannotBeReloadedWhereNoneIsKeptOrDuringAReload() {
		Event wanted = new Event.Requested(new Requester(-1, 1), new Operation.Reload(true, "cafe"));
		assertThat(FleetStory.allReady(workers(1)).event(wanted).answers()).singleElement()
			.satisfies((reply) -> assertThat(reply.answer().message()).contains("no releases are kept"));
		assertThat(serving().event(Event.Signal.RELOAD).event(wanted).answers()).singleElement()
			.satisfies((reply) -> assertThat(reply.answer().message()).contains("a reload is under way"));
	}

}
