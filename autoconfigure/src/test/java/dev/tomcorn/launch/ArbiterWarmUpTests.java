package dev.tomcorn.launch;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import dev.tomcorn.core.arbiter.FleetEvent;
import dev.tomcorn.core.arbiter.Placement;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ArbiterWarmUp}.
 */
class ArbiterWarmUpTests {

	private int returned;

	private long now;

	private final ArbiterWarmUp warmUp = new ArbiterWarmUp(() -> this.returned++, () -> this.now);

	@Test
	void memoryIsReturnedOnceAllWorkersAreReady() {
		this.warmUp.onFleetEvent(new FleetEvent.Started(3));
		ready(0);
		// It was replaced meanwhile
		ready(0);
		ready(1);
		assertThat(this.returned).isZero();
		ready(2);
		assertThat(this.returned).isOne();
		ready(1);
		assertThat(this.returned).isOne();
	}

	@Test
	void workerThatIsNeverReadyDoesNotPreventIt() {
		this.warmUp.onFleetEvent(new FleetEvent.Started(2));
		ready(0);
		this.now += Duration.ofMinutes(2).toNanos();
		assertThat(this.returned).isZero();
		ready(0);
		assertThat(this.returned).isOne();
	}

	private void ready(int index) {
		this.warmUp
			.onFleetEvent(new FleetEvent.WorkerReady(new Placement(index, index, 1, 1), 1, Duration.ofSeconds(1)));
	}

}
