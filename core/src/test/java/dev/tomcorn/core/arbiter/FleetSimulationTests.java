package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.Random;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Lives through many random fleets. {@code -Dtomcorn.simulation.seed} repeats a run,
 * {@code -Dtomcorn.simulation.events} changes its length.
 */
class FleetSimulationTests {

	private static final String SEED = "tomcorn.simulation.seed";

	private static final String EVENTS = "tomcorn.simulation.events";

	@Test
	void randomFleetsKeepTheRules() {
		long seed = Long.getLong(SEED, System.nanoTime());
		long events = Long.getLong(EVENTS, 300_000);
		Random random = new Random(seed);
		Tally tally = new Tally();
		try {
			while (tally.events < events) {
				new SimulatedFleet(randomSettings(random), random, tally).live();
			}
		}
		catch (RuntimeException | AssertionError ex) {
			throw new AssertionError(
					"At event %d. Repeat with -D%s=%d: %s".formatted(tally.events, SEED, seed, ex.getMessage()), ex);
		}
		if (events >= 100_000) {
			tally.assertThatEverythingHappened(seed);
		}
	}

	private static ArbiterSettings randomSettings(Random random) {
		return new ArbiterSettings(1 + random.nextInt(6), 0, 1, 1, randomLimit(random), randomLimit(random),
				Duration.ofSeconds(random.nextInt(40)), ArbiterSettings.RECORD_LIMIT);
	}

	private static Duration randomLimit(Random random) {
		return random.nextInt(4) == 0 ? Duration.ZERO : Duration.ofMillis(1 + random.nextInt(60_000));
	}

	/**
	 * What happened in a run.
	 */
	static final class Tally {

		long events;

		long spawned;

		long killed;

		long full;

		long stopped;

		long bootFailures;

		/**
		 * What never happened was not tested.
		 */
		private void assertThatEverythingHappened(long seed) {
			assertThat(this.spawned).as("spawned, seed %d", seed).isPositive();
			assertThat(this.killed).as("killed, seed %d", seed).isPositive();
			assertThat(this.full).as("ticks of a full fleet, seed %d", seed).isPositive();
			assertThat(this.stopped).as("stopped, seed %d", seed).isPositive();
			assertThat(this.bootFailures).as("boot failures, seed %d", seed).isPositive();
		}

	}

}
