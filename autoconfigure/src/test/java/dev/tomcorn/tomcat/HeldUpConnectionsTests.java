package dev.tomcorn.tomcat;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link HeldUpConnections}.
 */
class HeldUpConnectionsTests {

	private long now;

	private final HeldUpConnections connections = new HeldUpConnections(() -> this.now);

	private boolean tellsAfter(Duration time, boolean heldUp) {
		this.now += time.toNanos();
		return this.connections.update(heldUp);
	}

	@Test
	void connectionsThatWaitForLongAreToldOfOnce() {
		assertThat(tellsAfter(Duration.ZERO, true)).isFalse();
		assertThat(tellsAfter(HeldUpConnections.LONG.minusNanos(1), true)).isFalse();
		assertThat(tellsAfter(Duration.ofNanos(1), true)).isTrue();
		assertThat(tellsAfter(HeldUpConnections.LONG, true)).isFalse();
		assertThat(tellsAfter(HeldUpConnections.LONG, true)).isFalse();
	}

	@Test
	void connectionsThatWaitNowAndThenAreNotToldOf() {
		for (int i = 0; i < 10; i++) {
			assertThat(tellsAfter(HeldUpConnections.LONG.dividedBy(2), true)).isFalse();
			assertThat(tellsAfter(HeldUpConnections.LONG.dividedBy(4), true)).isFalse();
			assertThat(tellsAfter(Duration.ofSeconds(1), false)).isFalse();
		}
	}

}
