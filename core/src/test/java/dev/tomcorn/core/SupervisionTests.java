package dev.tomcorn.core;

import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SupervisionTests {

	private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

	@Test
	void disksThatAreWatchedAreNamedForWhatIsWrittenThere() {
		Path run = Path.of("/run/fleet");
		Path incidents = Path.of("/incidents");
		assertThat(Supervision.writtenTo(run, incidents))
			.isEqualTo(Map.of("the run directory", run, "incidents", incidents, "temporary files", TEMPORARY));
		Map<String, Path> shared = Map.of("the run directory", run, "incidents and temporary files", TEMPORARY);
		assertThat(Supervision.writtenTo(run, null)).isEqualTo(shared);
		assertThat(Supervision.writtenTo(run, TEMPORARY)).isEqualTo(shared);
	}

}
