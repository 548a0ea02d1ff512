package dev.tomcorn.core.arbiter;

import java.io.IOException;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.tomcorn.core.scoreboard.Scoreboard;

import static org.assertj.core.api.Assertions.assertThat;

class PostedReportTests {

	private Scoreboard arbiter;

	private PostedReport report;

	@BeforeEach
	void setUp(@TempDir Path directory) throws IOException {
		Path file = directory.resolve("scoreboard");
		this.arbiter = Scoreboard.create(file, 1, 1);
		this.report = new PostedReport(Scoreboard.open(file)::notice);
	}

	@Test
	void nothingThatIsPostedIsAnEmptyReport() {
		assertThat(this.report.get()).isEqualTo(FleetReport.EMPTY);
	}

	@Test
	void reportIsParsedOnceUntilAnotherIsPosted() {
		this.arbiter.post(FleetReport.EMPTY.paused(true, 1).toBytes());
		FleetReport first = this.report.get();
		assertThat(first.paused()).isTrue();
		assertThat(this.report.get()).isSameAs(first);
		this.arbiter.post(FleetReport.EMPTY.toBytes());
		assertThat(this.report.get()).isEqualTo(FleetReport.EMPTY);
		assertThat(first.paused()).isTrue();
	}

}
