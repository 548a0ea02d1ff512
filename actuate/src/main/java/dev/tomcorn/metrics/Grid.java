package dev.tomcorn.metrics;

/**
 * Numbers whose sums are exact, so that it makes no difference in which order workers are
 * added up. Without that a sum may fall by its last bit when a worker is folded into the
 * base, which Prometheus takes for a restart from zero.
 */
final class Grid {

	/**
	 * About a millionth. Sums of its multiples are exact below 2<sup>33</sup>.
	 */
	private static final double STEPS = 1 << 20;

	private static final double COARSE = 1L << 32;

	private Grid() {
	}

	/**
	 * Return the next lower number on the grid: of millionths and, where a double has no
	 * room for these, of whole numbers. It never goes down while the value goes up.
	 */
	static double floor(double value) {
		return (Math.abs(value) < COARSE) ? Math.floor(value * STEPS) / STEPS : Math.floor(value);
	}

}
