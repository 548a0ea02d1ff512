package dev.tomcorn.core.arbiter;

import java.time.Duration;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ArbiterSettingsTests {

	@ParameterizedTest
	@ValueSource(ints = { 1, 128 })
	void numberOfWorkersWithinTheLimitsIsTaken(int workers) {
		assertThat(settings(workers).workers()).isEqualTo(workers);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -1, 129, Integer.MAX_VALUE })
	void numberOfWorkersBeyondTheLimitsIsRefused(int workers) {
		assertThatIllegalArgumentException().isThrownBy(() -> settings(workers))
			.withMessage("workers must be from 1 to 128: " + workers);
	}

	private static ArbiterSettings settings(int workers) {
		return new ArbiterSettings(workers, 0, 1, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO,
				ArbiterSettings.RECORD_LIMIT);
	}

}
