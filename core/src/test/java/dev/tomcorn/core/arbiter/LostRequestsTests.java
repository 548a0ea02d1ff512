package dev.tomcorn.core.arbiter;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LostRequestsTests {

	private static final Death KILLED = new Death(ExitCause.SIGNAL, "signal SIGKILL, not sent by the arbiter");

	private static LostRequests lost(int count) {
		return new LostRequests(count,
				List.of("GET /a for 4.0 s at A.java:1", "GET /b for 3.0 s", "GET /c for 2.0 s", "GET /d for 1.0 s")
					.subList(0, Math.min(count, 4)));
	}

	@Test
	void textNamesTheOldestAndCountsAll() {
		assertThat(LostRequests.NONE.text()).isEmpty();
		assertThat(lost(1).text()).isEqualTo("1 request was in flight: GET /a for 4.0 s at A.java:1");
		assertThat(lost(2000).text()).isEqualTo(
				"2000 requests were in flight: GET /a for 4.0 s at A.java:1, GET /b for 3.0 s, GET /c for 2.0 s, …");
		assertThat(new LostRequests(2, List.of()).text()).isEqualTo("2 requests were in flight");
	}

	@Test
	void deathNamesAndCountsWhatIsLostByIt() {
		FleetStory story = FleetStory.allReady(FleetStory.workers(2));
		long victim = 2;
		story.event(new Event.Exited(victim, KILLED, 137, true, lost(2)));
		assertThat(story.lines())
			.anyMatch((line) -> line.endsWith("ended unexpectedly: signal SIGKILL, not sent by the "
					+ "arbiter; 2 requests were in flight: GET /a for 4.0 s at A.java:1, GET /b for 3.0 s; respawning at once"));
		assertThat(story.report().deaths().getFirst().death().description()).contains("GET /b for 3.0 s");
		assertThat(story.report().history().lostRequests()).isEqualTo(2);
	}

	@Test
	void silentWorkersDeathNamesWhatIsLostOnceItHasEnded() {
		FleetStory story = FleetStory.allReady(FleetStory.workers(2));
		long victim = 2;
		Problem problem = new Problem(ProblemKind.DISK_FULL, Problem.FLEET, 0, 1, 0, "full", "", "Make room.");
		story.event(new Event.Problems(List.of(problem)));
		story.after(FleetStory.TIMEOUT).tickWithout(victim);
		story.event(new Event.Recorded(victim, "/x"));
		story.event(new Event.Exited(victim, new Death(ExitCause.SIGNAL, "signal SIGKILL, sent by the arbiter"), 137,
				true, lost(1)));
		assertThat(story.report().deaths().getFirst().death().description()).startsWith("no heartbeat within timeout")
			.endsWith("; 1 request was in flight: GET /a for 4.0 s at A.java:1");
		assertThat(story.report().history().lostRequests()).isOne();
		assertThat(story.report().problems()).as("what was wrong before is wrong still").containsExactly(problem);
	}

	/**
	 * A worker of another generation may serve at the index of the dead one.
	 */
	@Test
	void deathAtBootTellsTheReportAndTheGeneration() {
		FleetStory story = FleetStory.allReady(FleetStory.workers(1));
		story.event(Event.Signal.RELOAD);
		long booting = story.spawnedAge();
		story.event(new Event.BootFailed(booting, "Port 8080 was already in use.\nAction: free it"));
		story.exited(booting, 1);
		assertThat(story.report().deaths().getFirst().death().description())
			.isEqualTo("while booting generation 2: Port 8080 was already in use");
	}

	/**
	 * It drains in its shutdown hook, as it would at the end that the arbiter asks for.
	 */
	@Test
	void workerWhoseApplicationGivesUpHasDied() {
		FleetStory story = FleetStory.allReady(FleetStory.workers(2)).event(new Event.Draining(2));
		story.event(new Event.Exited(2, new Death(ExitCause.EXIT, "exit code 7 by Job.java:41"), 7, true, lost(1)));
		assertThat(story.lines()).containsExactly("WARN Worker 1 (pid 4702) stopped: exit code 7 by Job.java:41; "
				+ "1 request was in flight: GET /a for 4.0 s at A.java:1");
		assertThat(story.report().deaths()).singleElement()
			.satisfies((death) -> assertThat(death.death().description())
				.startsWith("exit code 7 by Job.java:41; 1 request"));
		assertThat(story.commands()).anyMatch(Command.Record.class::isInstance);
	}

	@Test
	void plannedEndThatCutsRequestsSaysSo() {
		FleetStory story = FleetStory.allReady(FleetStory.workers(2));
		long victim = 2;
		story.event(Event.Signal.SCALE_DOWN);
		story.event(new Event.Exited(victim, new Death(ExitCause.EXIT, "exit code 0"), 0, true, lost(1)));
		assertThat(story.lines()).anyMatch((line) -> line.contains(" stopped: exit code 0; 1 request was in flight"));
	}

}
