package dev.tomcorn.it;

import java.time.Duration;

/**
 * How much the chaos suite does: little in a build, everything with
 * {@code -Dchaos.full=true}, or each to one's liking.
 */
final class ChaosScale {

	private static final boolean FULL = Boolean.getBoolean("chaos.full");

	private ChaosScale() {
	}

	/** Reloads in a row: {@code chaos.reloads}. */
	static int reloads() {
		return number("chaos.reloads", 5, 20);
	}

	/** Least number of requests meanwhile: {@code chaos.requests}. */
	static int requests() {
		return number("chaos.requests", 20_000, 100_000);
	}

	/** The same with TLS: {@code chaos.secured-reloads}. */
	static int securedReloads() {
		return number("chaos.secured-reloads", 2, 3);
	}

	/** The same with TLS: {@code chaos.secured-requests}. */
	static int securedRequests() {
		return number("chaos.secured-requests", 3000, 10_000);
	}

	/** Workers replaced because of max-requests: {@code chaos.recyclings}. */
	static int recyclings() {
		return number("chaos.recyclings", 5, 100);
	}

	/** Times to scale up and down: {@code chaos.scalings}. */
	static int scalings() {
		return number("chaos.scalings", 2, 10);
	}

	/** How long workers are killed, one every two seconds: {@code chaos.kill-seconds}. */
	static Duration killing() {
		return Duration.ofSeconds(number("chaos.kill-seconds", 20, 60));
	}

	/** How long a crash loop is watched: {@code chaos.loop-seconds}. */
	static Duration crashLoop() {
		return Duration.ofSeconds(number("chaos.loop-seconds", 20, 60));
	}

	/** How long random things happen: {@code chaos.minutes}, which may be a fraction. */
	static Duration random() {
		return Duration.ofMillis((long) (Double.parseDouble(System.getProperty("chaos.minutes", "0.5")) * 60_000));
	}

	/** What makes the random things repeatable: {@code chaos.seed}. */
	static long seed() {
		return Long.getLong("chaos.seed", System.nanoTime());
	}

	private static int number(String property, int usual, int full) {
		return Integer.getInteger(property, FULL ? full : usual);
	}

}
