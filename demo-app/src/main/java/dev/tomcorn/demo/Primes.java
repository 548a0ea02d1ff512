package dev.tomcorn.demo;

/**
 * Work for the processor.
 */
final class Primes {

	private Primes() {
	}

	/**
	 * Add up the primes below a bound, by trial division.
	 * @param n the bound, exclusive
	 * @return their sum
	 */
	static long sumBelow(int n) {
		long sum = 0;
		for (int candidate = 2; candidate < n; candidate++) {
			if (isPrime(candidate)) {
				sum += candidate;
			}
		}
		return sum;
	}

	private static boolean isPrime(int candidate) {
		for (int divisor = 2; divisor <= candidate / divisor; divisor++) {
			if (candidate % divisor == 0) {
				return false;
			}
		}
		return true;
	}

}
