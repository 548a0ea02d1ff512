package dev.tomcorn.metrics;

/**
 * Numbers whose sums are exact in any order. Otherwise a sum could fall by its last bit
 * when a worker is folded into the base, and Prometheus takes that for a restart from
 * zero.
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
	 * Return the next lower number on the grid: of millionths or, above the range in
	 * which a double can represent these, of whole numbers. The result never falls while
	 * the value rises.
	 */
	static double floor(double value) {
		return (Math.abs(value) < COARSE) ? Math.floor(value * STEPS) / STEPS : Math.floor(value);
	}

}
