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
		spawned(1);
		assertThat(this.returned).isZero();
		this.now += Duration.ofMinutes(2).toNanos();
		spawned(1);
		assertThat(this.returned).isOne();
	}

	@Test
	void workerThatIsNoLongerWantedDoesNotPreventIt() {
		this.warmUp.onFleetEvent(new FleetEvent.Started(2));
		ready(0);
		this.warmUp.onFleetEvent(new FleetEvent.Scaled(2, 1));
		assertThat(this.returned).isOne();
	}

	@Test
	void nothingIsReturnedBeforeAWorkerIsReady() {
		this.warmUp.onFleetEvent(new FleetEvent.Started(1));
		this.now += Duration.ofMinutes(2).toNanos();
		spawned(0);
		assertThat(this.returned).isZero();
	}

	private void spawned(int index) {
		this.warmUp.onFleetEvent(new FleetEvent.WorkerSpawned(new Placement(index, index, 1, 1), 1));
	}

	private void ready(int index) {
		this.warmUp
			.onFleetEvent(new FleetEvent.WorkerReady(new Placement(index, index, 1, 1), 1, Duration.ofSeconds(1)));
	}

}
