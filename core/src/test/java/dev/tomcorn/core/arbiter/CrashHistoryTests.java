package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CrashHistoryTests {

	private static final long NOW = Duration.ofHours(1).toNanos();

	@Test
	void placeWithoutDeathsMayBeFilledAtAnyTime() {
		assertThat(CrashHistory.NONE.respawnAt()).isLessThanOrEqualTo(0);
		assertThat(CrashHistory.NONE.streak()).isZero();
	}

	@Test
	void delayDoublesUpTo30Seconds() {
		List<Long> seconds = new ArrayList<>();
		CrashHistory history = CrashHistory.NONE;
		for (int death = 1; death <= 9; death++) {
			history = history.add(NOW, true);
			seconds.add(Duration.ofNanos(history.respawnAt() - NOW).toSeconds());
		}
		assertThat(seconds).containsExactly(0L, 1L, 2L, 4L, 8L, 16L, 30L, 30L, 30L);
	}

	@Test
	void delayStaysAt30SecondsForAnyStreak() {
		CrashHistory history = CrashHistory.NONE;
		for (int death = 1; death <= 200; death++) {
			history = history.add(NOW, true);
			if (death > 6) {
				assertThat(history.respawnAt()).as("death %d", death).isEqualTo(NOW + CrashHistory.MAX_DELAY.toNanos());
			}
		}
	}

	@Test
	void deathThatWasNotQuickStartsANewStreak() {
		CrashHistory history = CrashHistory.NONE.add(NOW, true).add(NOW, true).add(NOW, true).add(NOW, false);
		assertThat(history).isEqualTo(new CrashHistory(1, NOW, NOW));
		assertThat(history.add(NOW, true).respawnAt()).isEqualTo(NOW + Duration.ofSeconds(1).toNanos());
	}

}
