package dev.tomcorn.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A scheduled job that runs in the leader only.
 */
class LeaderIT {

	private static final Duration PERIOD = Duration.ofMillis(200);

	private static final int RUNS = 8;

	/**
	 * The issue asks for a few seconds.
	 */
	private static final Duration RESUMED = Duration.ofSeconds(5);

	/**
	 * Longer than a busy machine keeps a worker silent.
	 */
	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	private DemoProcess start(int workers, Path diary) {
		return this.apps.start(Launch.faults(workers, "gevent")
			.arguments("--tomcorn.scheduling=leader", "--fault.job=" + diary, "--fault.job-period=" + PERIOD.toMillis(),
					"--tomcorn.timeout=" + TIMEOUT.toSeconds() + "s", Operator.ACCESS));
	}

	@Test
	void jobRunsOnceATickThroughDeathsOfTheLeader(@TempDir Path directory) {
		JobDiary diary = new JobDiary(directory.resolve("diary"));
		DemoProcess app = start(4, directory.resolve("diary"));
		app.awaitWhole(4);
		Set<Long> leaders = new TreeSet<>();
		long leader = diary.awaitRuns(RUNS, leaders);
		List<String> pauses = new ArrayList<>();
		for (int death = 0; death < 3; death++) {
			leaders.add(leader);
			Processes.signal("KILL", leader);
			long next = diary.awaitRuns(RUNS, leaders);
			pauses.add("killed " + diary.pause(leader, next).toMillis() + " ms");
			assertThat(diary.pause(leader, next)).as("pause after a kill").isLessThan(RESUMED);
			leader = next;
		}
		leaders.add(leader);
		// Somebody has to be there who can lead next
		app.awaitWhole(4);
		Processes.freeze(leader);
		long next = diary.awaitRuns(RUNS, leaders);
		pauses.add("frozen " + diary.pause(leader, next).toMillis() + " ms");
		leaders.add(next);
		assertThat(Processes.gone(leader)).as("the frozen leader was killed first").isTrue();
		assertThat(diary.pause(leader, next)).as("pause after a freeze")
			.isLessThan(RESUMED.plus(TIMEOUT).plusSeconds(3));
		Figures.print(
				"leader: %d runs in %d workers, one after the other; pauses until the next run (period %d ms): %s",
				diary.begins().size(), leaders.size(), PERIOD.toMillis(), pauses);
		await("one leader on the endpoint").atMost(DemoProcess.PATIENCE)
			.until(() -> app.get("/actuator/workers").split("\"leader\":true", -1).length - 1 == 1);
		diary.assertNeverTwo();
		diary.assertOncePerTick(PERIOD);
		assertThat(diary.pids("job begin")).as("processes that ran the job").isEqualTo(leaders);
		assertThat(diary.pids("only leader")).as("processes that ran what only leaders do").isEqualTo(leaders);
		assertThat(diary.pids("once here")).as("processes that ran the one-time job").isEqualTo(leaders);
		assertThat(diary.lines().stream().filter((line) -> line.what().equals("once here"))).hasSameSizeAs(leaders);
	}

	@Test
	void leadershipMovesOnThroughReloadAndReplacementOfTheArbiter(@TempDir Path directory) {
		JobDiary diary = new JobDiary(directory.resolve("diary"));
		DemoProcess app = start(2, directory.resolve("diary"));
		Set<Long> first = app.awaitWhole(2).pids();
		long leader = diary.awaitRuns(RUNS, Set.of());
		assertThat(Operator.reload(app).join().status()).as("reload").isEqualTo(200);
		long second = diary.awaitRuns(RUNS, first);
		Set<Long> before = new TreeSet<>(app.awaitWhole(2).pids());
		app.signal("USR2");
		app.awaitLine("Another arbiter has taken over: draining 2 worker\\(s\\), then ending");
		assertThat(app.awaitExit()).isZero();
		before.addAll(first);
		long third = diary.awaitRuns(RUNS, before);
		long handovers = diary.pids("job begin").size() - 1;
		List<JobDiary.Line> begins = diary.begins();
		long longest = 0;
		for (int i = 1; i < begins.size(); i++) {
			longest = Math.max(longest, begins.get(i).nanos() - begins.get(i - 1).nanos());
		}
		Figures.print("leader: reload and USR2, %d runs, %d handovers, from %d to %d to %d, longest pause %d ms",
				begins.size(), handovers, leader, second, third, Duration.ofNanos(longest).toMillis());
		diary.assertNeverTwo();
		diary.assertOncePerTick(PERIOD);
		assertThat(Duration.ofNanos(longest)).as("longest pause").isLessThan(RESUMED);
		Fleet.Arbiter arbiter = app.fleet().arbiter();
		assertThat(arbiter).isNotNull();
		Processes.signal("TERM", arbiter.pid());
		await("end of the new fleet").atMost(DemoProcess.PATIENCE).until(() -> app.tree().isEmpty());
	}

}
