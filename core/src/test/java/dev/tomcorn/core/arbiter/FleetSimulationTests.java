package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Simulates many random fleets. {@code -Dtomcorn.simulation.seed} repeats a run,
 * {@code -Dtomcorn.simulation.events} changes its length.
 */
@Order(1)
@Execution(ExecutionMode.CONCURRENT)
class FleetSimulationTests {

	private static final String SEED = "tomcorn.simulation.seed";

	private static final String EVENTS = "tomcorn.simulation.events";

	@Test
	void randomFleetsKeepTheRules() {
		long seed = Long.getLong(SEED, System.nanoTime());
		long events = Long.getLong(EVENTS, 150_000);
		Random random = new Random(seed);
		Tally tally = new Tally();
		try {
			while (tally.events < events) {
				new SimulatedFleet(randomSettings(random), random.nextInt(10) == 0, random, tally).live();
			}
		}
		catch (RuntimeException | AssertionError ex) {
			throw new AssertionError(
					"At event %d. Repeat with -D%s=%d: %s".formatted(tally.events, SEED, seed, ex.getMessage()), ex);
		}
		System.out.println("Simulation with seed " + seed + ", " + tally);
		if (events >= 100_000) {
			tally.assertThatEverythingHappened(seed);
		}
	}

	static ArbiterSettings randomSettings(Random random) {
		return new ArbiterSettings(1 + random.nextInt(6), Math.max(random.nextInt(6) - 2, 0), 1 + random.nextInt(3),
				1 + random.nextInt(3), randomLimit(random), randomLimit(random), Duration.ofSeconds(random.nextInt(40)),
				Duration.ofSeconds(1 + random.nextInt(20)), Duration.ofSeconds(1 + random.nextInt(20)));
	}

	/**
	 * Half of them are so short that many workers exceed them, several at once.
	 */
	private static Duration randomLimit(Random random) {
		int most = random.nextBoolean() ? 60_000 : 2000;
		return random.nextInt(4) == 0 ? Duration.ZERO : Duration.ofMillis(1 + random.nextInt(most));
	}

	/**
	 * The events of a run.
	 */
	static final class Tally {

		long events;

		long adopted;

		long spawned;

		long recorded;

		long killed;

		long full;

		long reloads;

		long failedReloads;

		long answers;

		long refused;

		long dumped;

		long awaited;

		long recycled;

		long replacements;

		long stopped;

		long bootFailures;

		long jobs;

		/**
		 * Requires every kind of event: one that never happened was not tested.
		 */
		private void assertThatEverythingHappened(long seed) {
			assertThat(List.of(this.adopted, this.spawned, this.recorded, this.killed, this.full, this.reloads,
					this.failedReloads, this.answers, this.refused, this.awaited, this.dumped, this.recycled,
					this.replacements, this.stopped, this.bootFailures))
				.as("%s, seed %d", this, seed)
				.allMatch((times) -> times > 0);
		}

		@Override
		public String toString() {
			return ("%d events: %d releases adopted, %d workers spawned, %d recorded, %d killed, %d recycled; %d reloads succeeded, %d failed, "
					+ "%d operations answered, %d of them refused or failed, %d once they had ended, %d dumps; %d fleets were whole again after a storm, %d replaced, %d stopped, %d did not boot, %d ended with their first worker")
				.formatted(this.events, this.adopted, this.spawned, this.recorded, this.killed, this.recycled,
						this.reloads, this.failedReloads, this.answers, this.refused, this.awaited, this.dumped,
						this.full, this.replacements, this.stopped, this.bootFailures, this.jobs);
		}

	}

}
