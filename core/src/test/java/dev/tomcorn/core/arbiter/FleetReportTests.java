package dev.tomcorn.core.arbiter;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;

import dev.tomcorn.core.arbiter.FleetReport.CrashLoop;
import dev.tomcorn.core.arbiter.FleetReport.DeathReport;
import dev.tomcorn.core.arbiter.FleetReport.ReloadOutcome;
import dev.tomcorn.core.arbiter.FleetReport.ReloadReport;
import dev.tomcorn.core.scoreboard.Scoreboard;

import static org.assertj.core.api.Assertions.assertThat;

class FleetReportTests {

	private static final FleetHistory HISTORY = new FleetHistory(
			List.of(new FleetHistory.Entry(3, FleetHistory.Type.DIED, 1, 3, 4, "out of heap memory"),
					new FleetHistory.Entry(4, FleetHistory.Type.PAUSED, -1, 0, 0, "→")),
			Map.of(ExitCause.OUT_OF_HEAP, 2L), 3, Map.of(ReloadOutcome.FAILED, 1L), new FleetHistory.Spans(1, 2, 3),
			new FleetHistory.Spans(4, 5, 6), List.of(new FleetHistory.Place(1, Map.of(ExitCause.RECYCLE, 7L),
					new FleetHistory.Exit(5, ExitCause.OUT_OF_HEAP, "out of heap memory"))),
			8);

	/**
	 * Bytes of two unknown releases.
	 */
	private static final int RELEASES = 2 * (2 + 2 + 8);

	private static final FleetReport REPORT = new FleetReport(true,
			new ReloadReport(7, ReloadOutcome.FAILED, 1, 2, "Worker 0: exit code 1", "Port 8080\nwas → in use 😀"),
			List.of(new CrashLoop(3, 5, Long.MIN_VALUE), new CrashLoop(127, Integer.MAX_VALUE, 9)),
			List.of(new DeathReport(1, 2, 3, 4, 5, new Death(ExitCause.OUT_OF_HEAP, "out of heap memory"), "/a b"),
					new DeathReport(0, 1, 0, 1, 0, new Death(ExitCause.SPAWN_FAILURE, ""), "")),
			HISTORY)
		.problems(List.of(
				new Problem(ProblemKind.LONG_REQUEST, 1, 4711, 5, 0, "GET /größer has run for 34 s", "x", "End it."),
				new Problem(ProblemKind.DISK_FULL, Problem.FLEET, 0, 5, 6, "full", "", "Make room.")));

	@Test
	void reportIsReadAsItWasWritten() {
		assertThat(FleetReport.ofBytes(REPORT.toBytes())).isEqualTo(REPORT);
		assertThat(FleetReport.ofBytes(FleetReport.EMPTY.toBytes())).isEqualTo(FleetReport.EMPTY);
	}

	@Test
	void truncatedReportIsEmpty() {
		byte[] bytes = REPORT.toBytes();
		// The report of an older arbiter ends there
		int old = REPORT.problems(List.of()).toBytes().length - RELEASES - 1;
		for (int length = 0; length < bytes.length; length++) {
			FleetReport read = FleetReport.ofBytes(Arrays.copyOf(bytes, length));
			// An arbiter of an older version does not count lost requests, or tells no
			// problems or no releases
			FleetReport expected = (length == old - Long.BYTES) ? REPORT.history(withoutLost()).problems(List.of())
					: (length == old) ? REPORT.problems(List.of())
							: (length == bytes.length - RELEASES) ? REPORT : FleetReport.EMPTY;
			assertThat(read).isEqualTo(expected);
		}
	}

	private static FleetHistory withoutLost() {
		return new FleetHistory(HISTORY.events(), HISTORY.deaths(), HISTORY.recycles(), HISTORY.reloads(),
				HISTORY.boots(), HISTORY.drains(), HISTORY.places(), 0);
	}

	@Test
	void reportOfAnOlderArbiterHasNoProblems() {
		FleetReport report = REPORT.problems(List.of());
		byte[] bytes = report.toBytes();
		assertThat(FleetReport.ofBytes(Arrays.copyOf(bytes, bytes.length - RELEASES - 1))).isEqualTo(report);
	}

	@Test
	void releasesAreReadAsTheyWereWritten() {
		FleetReport report = REPORT
			.releases(new FleetReport.ReleaseReport(new ApplicationRelease("ab".repeat(32), "app-1.jar", 4),
					new ApplicationRelease("cd".repeat(32), "app-2.jar", 5)));
		assertThat(FleetReport.ofBytes(report.toBytes())).isEqualTo(report);
		assertThat(FleetReport.ofBytes(report.toBytes()).releases().waiting().shortKey()).isEqualTo("cdcdcdcdcdcd");
	}

	/**
	 * The rest of the report remains.
	 */
	@Test
	void problemOfAKindThatOnlyANewerArbiterKnowsIsLeftOut() {
		byte[] bytes = REPORT.toBytes();
		byte[] kind = "long-request".getBytes(StandardCharsets.UTF_8);
		int place = indexOf(bytes, kind);
		bytes[place] = 'w';
		assertThat(FleetReport.ofBytes(bytes)).isEqualTo(REPORT.problems(REPORT.problems().subList(1, 2)));
	}

	private static int indexOf(byte[] bytes, byte[] wanted) {
		int place = 0;
		while (!Arrays.equals(bytes, place, place + wanted.length, wanted, 0, wanted.length)) {
			place++;
		}
		return place;
	}

	@Test
	void garbageIsSomeReportAndNoFailure() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		byte[] bytes = REPORT.toBytes();
		for (int attempt = 0; attempt < 20_000; attempt++) {
			byte[] garbage = bytes.clone();
			for (int change = random.nextInt(8); change >= 0; change--) {
				garbage[random.nextInt(garbage.length)] = (byte) random.nextInt();
			}
			assertThat(FleetReport.ofBytes(garbage)).as("seed %d", seed).isNotNull();
		}
	}

	@Test
	void longestReportFitsIntoANotice() {
		String longest = "→".repeat(100_000);
		FleetReport report = FleetReport.EMPTY.reload(new ReloadReport(1, ReloadOutcome.FAILED, 0, 0,
				longest.substring(0, 4000), longest.substring(0, 4000)));
		List<CrashLoop> loops = new ArrayList<>();
		for (int index = 0; index < 2 * ArbiterSettings.MAX_WORKERS; index++) {
			loops.add(new CrashLoop(index, 1, 1));
		}
		report = report.crashLoops(loops);
		for (int death = 0; death < 20; death++) {
			report = report.died(new DeathReport(1, 1, 1, 1, 1, new Death(ExitCause.EXIT, longest), longest));
		}
		FleetHistory history = report.history();
		for (int index = 0; index < ArbiterSettings.MAX_WORKERS; index++) {
			Placement placement = new Placement(index, index, index, 1);
			history = history.ended(placement, 1, longest, null, 1);
			for (ExitCause reason : ExitCause.values()) {
				history = history.left(index, new FleetHistory.Exit(1, reason, longest), true);
			}
		}
		report = report.history(history);
		List<Problem> problems = new ArrayList<>();
		for (int problem = 0; problem < 100; problem++) {
			problems.add(new Problem(ProblemKind.DISK_FULL, 1, 1, 1, 1, longest, longest, longest));
		}
		report = report.problems(problems);
		byte[] bytes = report.toBytes();
		System.out
			.println("[figures] the longest report has " + bytes.length + " of " + Scoreboard.MAX_NOTICE + " bytes");
		assertThat(bytes).hasSizeLessThanOrEqualTo(Scoreboard.MAX_NOTICE);
		assertThat(FleetReport.ofBytes(bytes)).isEqualTo(FleetReport.ofBytes(FleetReport.ofBytes(bytes).toBytes()));
		assertThat(FleetReport.ofBytes(bytes).history()).isEqualTo(history);
		assertThat(history.events()).hasSize(FleetHistory.MAX_EVENTS);
		assertThat(history.places()).hasSize(ArbiterSettings.MAX_WORKERS);
		assertThat(FleetReport.ofBytes(bytes).deaths()).hasSize(FleetReport.MAX_DEATHS);
	}

	@Test
	void timesBecomeThoseOfTheEpoch() {
		FleetReport report = REPORT.at((time) -> 1000 + time);
		assertThat(report.deaths().getFirst().at()).isEqualTo(1005);
		assertThat(report.reload()).isEqualTo(new ReloadReport(7, ReloadOutcome.FAILED, 1001, 1002,
				REPORT.reload().cause(), REPORT.reload().failure()));
	}

}
