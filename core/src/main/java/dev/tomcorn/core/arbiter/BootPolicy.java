package dev.tomcorn.core.arbiter;

/**
 * How many workers may boot at the same time.
 *
 * @param firstAlone whether the first worker of a start boots alone, and the others
 * follow when it is ready
 * @param processors CPUs that the fleet may use
 */
public record BootPolicy(boolean firstAlone, int processors) {

	/**
	 * CPUs that a booting JVM uses: it compiles and collects garbage beside its main
	 * thread.
	 */
	private static final int PROCESSORS_OF_A_BOOT = 2;

	/**
	 * Return how many workers may boot at the same time without slowing requests down.
	 * @param busy CPUs that serving workers use
	 * @return the number, at least 1
	 */
	int together(double busy) {
		return Math.max(1, (int) ((this.processors - busy) / PROCESSORS_OF_A_BOOT));
	}

}
