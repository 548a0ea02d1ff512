package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.tomcorn.core.arbiter.FleetHistory.Spans;
import dev.tomcorn.core.arbiter.FleetHistory.Type;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FleetHistoryTests {

	private static List<Type> types(FleetStory story) {
		return story.report().history().events().stream().map(FleetHistory.Entry::type).toList();
	}

	private static FleetHistory.Place place(FleetStory story, int index) {
		return story.report()
			.history()
			.places()
			.stream()
			.filter((candidate) -> candidate.index() == index)
			.findFirst()
			.orElseThrow();
	}

	@Test
	void everyWorkerIsSeenToSpawnAndToBecomeReady() {
		FleetStory story = FleetStory.allReady(FleetStory.workers(2));
		assertThat(types(story)).containsExactly(Type.SPAWNED, Type.READY, Type.SPAWNED, Type.READY);
		assertThat(story.report().history().events().getLast())
			.isEqualTo(new FleetHistory.Entry(0, Type.READY, 1, FleetStory.FIRST_PID + 2, 1, "ready in 1.8 s"));
		assertThat(story.report().history().boots()).isEqualTo(new Spans(2, 3600, 1800));
	}

	@Test
	void deathIsCountedByCauseAndItsPlaceRemembersIt() {
		FleetStory story = FleetStory.allReady(FleetStory.workers(2)).after(Duration.ofMinutes(2));
		story.event(FleetStory.exit(1, new Death(ExitCause.OUT_OF_HEAP, "out of heap memory")));
		FleetHistory history = story.report().history();
		assertThat(history.deaths()).isEqualTo(Map.of(ExitCause.OUT_OF_HEAP, 1L));
		assertThat(types(story)).endsWith(Type.DIED, Type.SPAWNED);
		assertThat(place(story, 0).restarts()).isEqualTo(Map.of(ExitCause.OUT_OF_HEAP, 1L));
		assertThat(place(story, 0).lastExit().description()).isEqualTo("out of heap memory");
		assertThat(history.places()).hasSize(1);
	}

	@Test
	void silentWorkerDiesOnceAndOfItsSilence() {
		FleetStory story = FleetStory.allReady(FleetStory.workers(1)).after(Duration.ofMinutes(2)).tick();
		story.after(FleetStory.TIMEOUT).event(new Event.Tick(Map.of(), 0));
		story.recorded(1).exited(1, 137);
		assertThat(story.report().history().deaths()).isEqualTo(Map.of(ExitCause.SILENT, 1L));
		assertThat(types(story).stream().filter((type) -> type == Type.DIED)).hasSize(1);
		assertThat(place(story, 0).restarts()).isEqualTo(Map.of(ExitCause.SILENT, 1L));
	}

	@Test
	void reloadAndWhatItReplacesAreTold() {
		FleetStory story = FleetStory.allReady(FleetStory.workers(1)).event(Event.Signal.RELOAD).ready(2);
		story.after(Duration.ofMillis(1500)).drained(1);
		assertThat(types(story)).endsWith(Type.RELOAD_STARTED, Type.SPAWNED, Type.READY, Type.DRAINING,
				Type.RELOAD_SUCCEEDED, Type.ENDED);
		assertThat(story.report().history().reloads()).isEqualTo(Map.of(FleetReport.ReloadOutcome.SUCCEEDED, 1L));
		assertThat(story.report().history().drains()).isEqualTo(new Spans(1, 1500, 1500));
		assertThat(story.report().history().deaths()).isEmpty();
		assertThat(place(story, 0).restarts()).isEqualTo(Map.of(ExitCause.RELOAD, 1L));
	}

	@Test
	void recycledWorkerIsCountedAsOne() {
		FleetStory story = FleetStory.allReady(FleetStory.workers(1)).event(new Event.Recycle(1, "max-requests"));
		story.ready(2).drained(1);
		assertThat(types(story)).endsWith(Type.RECYCLING, Type.SPAWNED, Type.READY, Type.DRAINING, Type.ENDED);
		assertThat(story.report().history().recycles()).isEqualTo(1);
		assertThat(place(story, 0).restarts()).isEqualTo(Map.of(ExitCause.RECYCLE, 1L));
		assertThat(place(story, 0).lastExit().description()).startsWith("replaced: max-requests");
	}

	@Test
	void workerThatIsNotNeededAnyMoreIsNoRestart() {
		FleetStory story = FleetStory.allReady(FleetStory.workers(2)).event(Event.Signal.SCALE_DOWN).drained(2);
		assertThat(types(story)).endsWith(Type.SCALED, Type.DRAINING, Type.ENDED);
		assertThat(place(story, 1).restarts()).isEmpty();
		assertThat(place(story, 1).lastExit().cause()).isEqualTo(ExitCause.STOP);
	}

	@Test
	void pauseAndItsEndAreToldOnce() {
		FleetStory story = FleetStory.allReady(FleetStory.workers(1)).event(Event.Signal.PAUSE).drained(1);
		story.event(Event.Signal.SCALE_UP);
		assertThat(types(story)).containsSubsequence(Type.PAUSED, Type.DRAINING, Type.ENDED, Type.RESUMED,
				Type.SPAWNED);
		assertThat(types(story)).doesNotContain(Type.SCALED);
	}

	@Test
	void onlyTheLastEventsAreKept() {
		FleetStory story = FleetStory.allReady(FleetStory.workers(1));
		for (int i = 0; i < FleetHistory.MAX_EVENTS; i++) {
			story.event((i % 2 == 0) ? Event.Signal.SCALE_UP : Event.Signal.SCALE_DOWN);
		}
		assertThat(story.report().history().events()).hasSize(FleetHistory.MAX_EVENTS);
		assertThat(FleetReport.ofBytes(story.report().toBytes())).isEqualTo(story.report());
	}

}
