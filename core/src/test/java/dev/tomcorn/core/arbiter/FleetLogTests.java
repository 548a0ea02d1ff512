package dev.tomcorn.core.arbiter;

import dev.tomcorn.core.arbiter.WorkerHandle.Lifecycle;
import org.junit.jupiter.api.Test;

import static dev.tomcorn.core.arbiter.FleetStory.workers;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the log of a worker's life: each step once, with its reason.
 */
class FleetLogTests {

	private static final String REPORT = "java.net.ConnectException: Connection refused.\nat last\nand least";

	@Test
	void eachSpawnIsToldAndWhomItReplaces() {
		FleetStory story = FleetStory.allReady(workers(2));
		assertThat(story.toldOfSpawns()).containsExactly("Worker 0 (pid 4701) spawned, generation 1",
				"Worker 1 (pid 4702) spawned, generation 1");
		story.event(Event.Signal.RELOAD);
		assertThat(story.toldOfSpawns()).endsWith("Worker 0 (pid 4703) spawned, generation 2, to replace pid 4701");
	}

	@Test
	void workerThatIsRelievedDrainsForItsSuccessor() {
		FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.RELOAD).ready(2);
		assertThat(story.lines()).contains("INFO Worker 0 (pid 4701) drains: pid 4702 takes its place");
	}

	@Test
	void workerThatIsScaledAwaySaysSo() {
		FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.SCALE_DOWN);
		assertThat(story.lines()).containsExactly("INFO Scaling from 2 to 1 workers",
				"INFO Worker 1 (pid 4702) drains: it is no longer needed");
	}

	@Test
	void endOfAllIsToldInOneLine() {
		FleetStory story = FleetStory.allReady(workers(3));
		assertThat(story.event(Event.Signal.PAUSE).lines()).hasSize(1);
		assertThat(FleetStory.allReady(workers(3)).event(Event.Signal.STOP).lines()).hasSize(1);
		assertThat(FleetStory.allReady(workers(3)).event(Event.Signal.STOP_FAST).lines()).hasSize(1);
	}

	@Test
	void workerThatDoesNotBootIsToldWithTheCausesOwnSentence() {
		FleetStory story = FleetStory.allReady(workers(2)).exited(2, 137).event(new Event.BootFailed(3, REPORT));
		assertThat(story.exited(3, 1).lines()).containsExactly(
				"WARN Worker 1 (pid 4703) could not boot: java.net.ConnectException: Connection refused; respawning in 1 s");
	}

	@Test
	void firstWorkerThatDoesNotBootIsToldWithTheCausesOwnSentence() {
		FleetStory story = FleetStory.of(workers(2)).event(new Event.BootFailed(1, REPORT));
		assertThat(story.exited(1, 1).lines())
			.containsExactly("ERROR Worker 0 (pid 4701) could not boot: java.net.ConnectException: Connection refused. "
					+ "No worker has booted, so the arbiter halts with exit code 3");
	}

	@Test
	void reloadThatFailsTellsTheCauseOnce() {
		FleetStory story = FleetStory.allReady(workers(2))
			.event(Event.Signal.RELOAD)
			.event(new Event.BootFailed(3, REPORT));
		assertThat(story.exited(3, 1).lines())
			.containsExactly("ERROR Reload to generation 2 failed: Worker 0 (pid 4703) could not boot: "
					+ "java.net.ConnectException: Connection refused; generation 1 goes on serving");
		assertThat(story.ages(Lifecycle.READY)).containsExactly(1L, 2L);
	}

	@Test
	void whatAnApplicationSaysIsOneBoundedPrintableLine() {
		FleetStory story = FleetStory.allReady(workers(2))
			.exited(2, 137)
			.event(new Event.BootFailed(3, "  \u001b[2Jx\u0007" + "y".repeat(10_000) + "\nmore"));
		assertThat(story.exited(3, 1).lines()).singleElement()
			.asString()
			.hasSizeLessThan(700)
			.contains("could not boot: ?[2Jx?yyy", " …; respawning in 1 s");
	}

	@Test
	void reportWithoutWordsIsNone() {
		FleetStory story = FleetStory.allReady(workers(2)).exited(2, 137).event(new Event.BootFailed(3, " \n \n"));
		assertThat(story.exited(3, 1).lines()).singleElement()
			.asString()
			.contains("ended unexpectedly while booting: exit code 1");
	}

}
