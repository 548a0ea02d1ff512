package dev.tomcorn.core.shell;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.Problem;
import dev.tomcorn.core.arbiter.ProblemKind;
import dev.tomcorn.core.process.FleetIdentity;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FleetReading}.
 */
class FleetReadingTests {

	private void worker(Scoreboard scoreboard, int index) {
		WorkerSlot slot = scoreboard.claim(index, index, index + 1, 1);
		slot.setCapacity(10);
		slot.setState(WorkerState.READY);
	}

	@Test
	void everyValueIsOfOneReading(@TempDir Path directory) throws IOException {
		Scoreboard scoreboard = Scoreboard.create(directory.resolve("scoreboard"), 4, ProcessHandle.current().pid());
		RunningFleet fleet = new RunningFleet(directory, scoreboard, ProcessHandle.current(),
				new FleetIdentity("shop", true, "", "com.example.Shop", 8080, 0));
		worker(scoreboard, 0);
		FleetReading reading = FleetReading.of(fleet);
		worker(scoreboard, 1);
		Problem later = new Problem(ProblemKind.WORKER_STOPPED, 1, 4711, 1000, 0, "Worker 1 is stopped", "T",
				"Let it go on.");
		scoreboard.post(FleetReport.ofBytes(new byte[0]).problems(List.of(later)).toBytes());
		Map<String, Object> status = reading.status();
		assertThat(status.get("problems")).isEqualTo(List.of());
		assertThat(status.get("fleet")).asInstanceOf(InstanceOfAssertFactories.MAP)
			.containsEntry("ready", 1)
			.containsEntry("capacity", 10L);
		assertThat(reading.workers().get("workers")).asInstanceOf(InstanceOfAssertFactories.LIST).hasSize(1);
		assertThat(FleetReading.of(fleet).status().get("problems")).asInstanceOf(InstanceOfAssertFactories.LIST)
			.as("a new reading")
			.isNotEmpty();
	}

}
