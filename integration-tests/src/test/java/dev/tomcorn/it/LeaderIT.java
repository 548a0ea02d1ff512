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

	private static final int WORKERS = 2;

	private static final Duration PERIOD = Duration.ofMillis(200);

	private static final int RUNS = 8;

	/**
	 * Longer than a busy machine keeps a worker silent.
	 */
	private static final Duration TIMEOUT = Duration.ofSeconds(12);

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	private final Set<Long> leaders = new TreeSet<>();

	private final List<String> pauses = new ArrayList<>();

	@Test
	void jobRunsInOneWorkerAtATimeThroughDeathsReloadAndReplacementOfTheArbiter(@TempDir Path directory) {
		JobDiary diary = new JobDiary(directory.resolve("diary"));
		DemoProcess app = this.apps.start(Launch.faults(WORKERS, "gevent")
			.arguments("--tomcorn.scheduling=leader", "--fault.job=" + directory.resolve("diary"),
					"--fault.job-period=" + PERIOD.toMillis(), "--tomcorn.timeout=" + TIMEOUT.toSeconds() + "s",
					Operator.ACCESS));
		app.awaitWhole(WORKERS);
		long first = diary.awaitRuns(RUNS, this.leaders);
		this.leaders.add(first);
		long second = leaderIsKilled(app, diary, first);
		long third = leaderIsFrozen(app, diary, second);
		assertThat(diary.pids("job begin")).as("processes that ran the job").isEqualTo(this.leaders);
		assertThat(diary.pids("only leader")).as("processes that ran what only leaders do").isEqualTo(this.leaders);
		assertThat(diary.pids("once here")).as("processes that ran the one-time job").isEqualTo(this.leaders);
		assertThat(diary.lines().stream().filter((line) -> line.what().equals("once here")))
			.hasSameSizeAs(this.leaders);
		long fourth = fleetIsReloaded(app, diary, third);
		long fifth = arbiterIsReplaced(app, diary, fourth);
		Figures.print(
				"leader: %d runs in %d workers, one after the other; pauses until the next run (period %d ms): %s",
				diary.begins().size(), diary.pids("job begin").size(), PERIOD.toMillis(), this.pauses);
		diary.assertNeverTwo();
		diary.assertOneAfterTheOther();
		await("one leader on the endpoint").atMost(DemoProcess.PATIENCE)
			.until(() -> app.get("/actuator/workers").split("\"leader\":true", -1).length - 1 == 1);
		assertThat(app.fleet().pids()).contains(fifth);
		endNewFleet(app);
	}

	private long leaderIsKilled(DemoProcess app, JobDiary diary, long leader) {
		Processes.signal("KILL", leader);
		long next = next(diary, "killed", leader, Set.of(leader));
		// Somebody has to be there who can lead next
		app.awaitFleet((fleet) -> fleet.whole(WORKERS) && !fleet.pids().contains(leader));
		return next;
	}

	private long leaderIsFrozen(DemoProcess app, JobDiary diary, long leader) {
		Processes.freeze(leader);
		long next = next(diary, "frozen", leader, Set.of(leader));
		assertThat(Processes.gone(leader)).as("the frozen leader was killed first").isTrue();
		app.awaitFleet((fleet) -> fleet.whole(WORKERS) && !fleet.pids().contains(leader));
		return next;
	}

	private long fleetIsReloaded(DemoProcess app, JobDiary diary, long leader) {
		Set<Long> old = app.awaitWhole(WORKERS).pids();
		assertThat(Operator.reload(app).join().status()).as("reload").isEqualTo(200);
		return next(diary, "reloaded", leader, old);
	}

	private long arbiterIsReplaced(DemoProcess app, JobDiary diary, long leader) {
		Set<Long> old = app.awaitWhole(WORKERS).pids();
		app.signal("USR2");
		app.awaitLine("Another arbiter has taken over: draining 2 worker\\(s\\), then ending");
		assertThat(app.awaitExit()).isZero();
		return next(diary, "replaced", leader, old);
	}

	/**
	 * Wait for runs in a process that is none of those before.
	 */
	private long next(JobDiary diary, String how, long leader, Set<Long> before) {
		long next = diary.awaitRuns(RUNS, before);
		this.leaders.add(next);
		this.pauses.add("%s %d ms".formatted(how, diary.pause(leader, next).toMillis()));
		return next;
	}

	private static void endNewFleet(DemoProcess app) {
		Fleet.Arbiter arbiter = app.fleet().arbiter();
		assertThat(arbiter).isNotNull();
		Processes.signal("TERM", arbiter.pid());
		await("end of the new fleet").atMost(DemoProcess.PATIENCE).until(() -> app.tree().isEmpty());
	}

}
