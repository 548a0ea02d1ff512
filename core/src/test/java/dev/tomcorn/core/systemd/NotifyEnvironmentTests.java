package dev.tomcorn.core.systemd;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class NotifyEnvironmentTests {

	private static final String SOCKET = "/run/systemd/notify";

	@Test
	void withoutASocketThereIsNone() {
		assertThat(NotifyEnvironment.of(Map.of("WATCHDOG_USEC", "1"), 1)).isNull();
		assertThat(NotifyEnvironment.of(Map.of("NOTIFY_SOCKET", ""), 1)).isNull();
	}

	@Test
	void theWatchdogIsForTheProcessThatItNamesOrForEach() {
		assertThat(NotifyEnvironment.of(Map.of("NOTIFY_SOCKET", SOCKET, "WATCHDOG_USEC", "1500000"), 12))
			.isEqualTo(new NotifyEnvironment(SOCKET, Duration.ofMillis(1500)));
		assertThat(watchdog("12", "1500000")).isEqualTo(Duration.ofMillis(1500));
		assertThat(watchdog("13", "1500000")).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "0", "-1", "soon", "9223372036854775807" })
	void aTimeThatIsNoneExpectsNothing(String micros) {
		assertThat(watchdog("12", micros)).isNull();
	}

	private static Duration watchdog(String pid, String micros) {
		NotifyEnvironment environment = NotifyEnvironment
			.of(Map.of("NOTIFY_SOCKET", SOCKET, "WATCHDOG_PID", pid, "WATCHDOG_USEC", micros), 12);
		return environment.watchdog();
	}

}
