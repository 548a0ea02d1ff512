package dev.tomcorn.tomcat;

import java.time.Duration;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the time limit of a warm-up.
 */
class WorkerWarmUpTests {

	@ParameterizedTest
	@CsvSource({ "30, 120, 10, 30", "30, 120, 100, 10", "30, 0, 500, 30", "30, 120, 200, 0", "30, 120, -5, 30" })
	void warmUpEndsWellBeforeTheBootTimeout(int timeout, int bootTimeout, int sinceStart, int limit) {
		assertThat(WorkerWarmUp.limit(Duration.ofSeconds(timeout), Duration.ofSeconds(bootTimeout),
				Duration.ofSeconds(sinceStart)))
			.hasSeconds(limit);
	}

}
