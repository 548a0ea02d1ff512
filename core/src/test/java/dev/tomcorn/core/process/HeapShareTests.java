package dev.tomcorn.core.process;

import java.time.Duration;

import dev.tomcorn.core.arbiter.ArbiterSettings;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class HeapShareTests {

	private static final long MEGABYTE = 1024 * 1024;

	private static ArbiterSettings settings(int workers, int standby) {
		return new ArbiterSettings(workers, standby, 1, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO,
				Duration.ZERO);
	}

	@Test
	void workersAndStandbysHaveEqualShares() {
		HeapShare heap = new HeapShare(512 * MEGABYTE);
		assertThat(heap.options(settings(1, 0))).containsExactly("-Xmx512m");
		assertThat(heap.options(settings(2, 0))).containsExactly("-Xmx256m");
		assertThat(heap.options(settings(3, 1))).containsExactly("-Xmx128m");
	}

	@Test
	void shareIsAtLeastOneMegabyte() {
		assertThat(new HeapShare(MEGABYTE).options(settings(3, 0))).containsExactly("-Xmx1m");
	}

	@Test
	void sizeThatTheUserChoseIsNobodysShare() {
		assertThat(new HeapShare(0).options(settings(2, 0))).isEmpty();
	}

}
