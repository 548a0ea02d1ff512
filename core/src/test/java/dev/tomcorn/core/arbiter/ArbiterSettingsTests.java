package dev.tomcorn.core.arbiter;

import java.time.Duration;

import org.junit.jupiter.api.Test;
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

	@ParameterizedTest
	@ValueSource(ints = { 0, 129 })
	void surgeBeyondTheLimitsIsRefused(int surge) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new ArbiterSettings(1, 0, surge, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO,
					Duration.ZERO, ArbiterSettings.RECORD_LIMIT))
			.withMessageStartingWith("surges must be from 1 to 128");
	}

	@Test
	void changesAreNamedWithBothValues() {
		ArbiterSettings before = new ArbiterSettings(1, 0, 1, 2, Duration.ofSeconds(60), Duration.ofSeconds(30),
				Duration.ofSeconds(20), Duration.ofSeconds(40), Duration.ofSeconds(10));
		ArbiterSettings after = new ArbiterSettings(2, 3, 4, 128, Duration.ofMillis(1500), Duration.ZERO,
				Duration.ofSeconds(21), Duration.ofSeconds(70), Duration.ofSeconds(11));
		assertThat(after.changesSince(before)).isEqualTo("workers from 1 to 2, standby from 0 to 3, "
				+ "reload.max-surge from 1 to 4, recycle.max-surge from 2 to 128, boot-timeout from 60 s to 1.5 s, "
				+ "timeout from 30 s to 0 s, graceful-timeout from 20 s to 21 s, time to close the application from 40 s to 70 s, "
				+ "time to record an incident from 10 s to 11 s");
		assertThat(before.changesSince(before)).isEmpty();
	}

	private static ArbiterSettings settings(int workers) {
		return new ArbiterSettings(workers, 0, 1, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO,
				ArbiterSettings.RECORD_LIMIT);
	}

}
