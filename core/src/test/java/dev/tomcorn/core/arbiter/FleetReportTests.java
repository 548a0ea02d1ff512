package dev.tomcorn.core.arbiter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

import dev.tomcorn.core.arbiter.FleetReport.CrashLoop;
import dev.tomcorn.core.arbiter.FleetReport.DeathReport;
import dev.tomcorn.core.arbiter.FleetReport.Outcome;
import dev.tomcorn.core.arbiter.FleetReport.ReloadReport;
import dev.tomcorn.core.scoreboard.Scoreboard;

import static org.assertj.core.api.Assertions.assertThat;

class FleetReportTests {

	private static final FleetReport REPORT = new FleetReport(true,
			new ReloadReport(7, Outcome.FAILED, 1, 2, "Worker 0: exit code 1", "Port 8080\nwas → in use 😀"),
			List.of(new CrashLoop(3, 5, Long.MIN_VALUE), new CrashLoop(127, Integer.MAX_VALUE, 9)),
			List.of(new DeathReport(1, 2, 3, 4, 5, new Death(Death.Cause.OUT_OF_HEAP, "out of heap memory"), "/a b"),
					new DeathReport(0, 1, 0, 1, 0, new Death(Death.Cause.SPAWN_FAILURE, ""), "")));

	@Test
	void reportIsReadAsItWasWritten() {
		assertThat(FleetReport.ofBytes(REPORT.toBytes())).isEqualTo(REPORT);
		assertThat(FleetReport.ofBytes(FleetReport.EMPTY.toBytes())).isEqualTo(FleetReport.EMPTY);
	}

	@Test
	void truncatedReportIsEmpty() {
		byte[] bytes = REPORT.toBytes();
		for (int length = 0; length < bytes.length; length++) {
			assertThat(FleetReport.ofBytes(Arrays.copyOf(bytes, length))).isEqualTo(FleetReport.EMPTY);
		}
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
		FleetReport report = FleetReport.EMPTY
			.reload(new ReloadReport(1, Outcome.FAILED, 0, 0, longest.substring(0, 4000), longest.substring(0, 4000)));
		List<CrashLoop> loops = new ArrayList<>();
		for (int index = 0; index < 2 * ArbiterSettings.MAX_WORKERS; index++) {
			loops.add(new CrashLoop(index, 1, 1));
		}
		report = report.crashLoops(loops);
		for (int death = 0; death < 20; death++) {
			report = report.died(new DeathReport(1, 1, 1, 1, 1, new Death(Death.Cause.EXIT, longest), longest));
		}
		byte[] bytes = report.toBytes();
		assertThat(bytes).hasSizeLessThanOrEqualTo(Scoreboard.MAX_NOTICE);
		assertThat(FleetReport.ofBytes(bytes).deaths()).hasSize(FleetReport.MAX_DEATHS);
	}

	@Test
	void timesBecomeThoseOfTheEpoch() {
		FleetReport report = REPORT.at((time) -> 1000 + time);
		assertThat(report.deaths().getFirst().at()).isEqualTo(1005);
		assertThat(report.reload()).isEqualTo(
				new ReloadReport(7, Outcome.FAILED, 1001, 1002, REPORT.reload().cause(), REPORT.reload().failure()));
	}

}
