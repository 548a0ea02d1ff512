package dev.tomcorn.metrics;

import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Grid}: sums are the same in every order.
 */
class GridTests {

	@Test
	void sumIsTheSameInEveryOrder() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		for (int round = 0; round < 10_000; round++) {
			double[] values = random.doubles(4, 0, 100_000).toArray();
			double[] floors = Arrays.stream(values).map(Grid::floor).toArray();
			assertThat((floors[0] + floors[1]) + (floors[2] + floors[3])).as("seed %d", seed)
				.isEqualTo(floors[3] + (floors[2] + (floors[1] + floors[0])));
			assertThat(floors[0]).isLessThanOrEqualTo(values[0]).isGreaterThan(values[0] - 1e-6);
		}
	}

	@Test
	void nothingGoesDownWhereTheGridChanges() {
		double before = 0;
		for (double value = (1L << 32) - 2; value < (1L << 32) + 3; value += 0.1) {
			assertThat(Grid.floor(value)).isGreaterThanOrEqualTo(before);
			before = Grid.floor(value);
		}
	}

	@Test
	void wholeNumbersStayAsTheyAre() {
		for (double value : new double[] { 0, 1, -3, 1L << 40, Double.POSITIVE_INFINITY }) {
			assertThat(Grid.floor(value)).isEqualTo(value);
		}
		assertThat(Grid.floor(Double.NaN)).isNaN();
	}

}
