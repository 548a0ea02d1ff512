package dev.tomcorn.it;

import java.time.Duration;

/**
 * The size of the chaos suite: small in a build, full with {@code -Dchaos.full=true}.
 * Each value can also be set alone.
 */
final class ChaosScale {

	private static final boolean FULL = Boolean.getBoolean("chaos.full");

	private static final int WORK_MILLIS = 250;

	private ChaosScale() {
	}

	/**
	 * Return a mixed load on a port of this machine: {@code chaos.rate}. In a build it is
	 * so small that boots and other tests get a CPU, and requests take so long that
	 * several are always in flight.
	 */
	static MixedLoad.Clients load(int port) {
		int rate = number("chaos.rate", 16, 500);
		MixedLoad.Clients clients = MixedLoad.to(port).rate(rate);
		return FULL ? clients : clients.keepAlive(12).newConnections(4).work(WORK_MILLIS);
	}

	/**
	 * Return the load for TLS, where a handshake costs as much as many requests.
	 */
	static MixedLoad.Clients securedLoad(int port) {
		int rate = number("chaos.secured-rate", 10, 250);
		MixedLoad.Clients clients = MixedLoad.to(port).rate(rate);
		return FULL ? clients.newConnections(8) : clients.keepAlive(8).newConnections(2).work(WORK_MILLIS);
	}

	/**
	 * Requests between two steps of a test: {@code chaos.some}.
	 */
	static int some() {
		return number("chaos.some", 25, 100);
	}

	/** Reloads in a row: {@code chaos.reloads}. */
	static int reloads() {
		return number("chaos.reloads", 1, 20);
	}

	/** Least number of requests meanwhile: {@code chaos.requests}. */
	static int requests() {
		return number("chaos.requests", 100, 100_000);
	}

	/** The same with TLS: {@code chaos.secured-reloads}. */
	static int securedReloads() {
		return number("chaos.secured-reloads", 1, 3);
	}

	/** The same with TLS: {@code chaos.secured-requests}. */
	static int securedRequests() {
		return number("chaos.secured-requests", 60, 10_000);
	}

	/** Return the load through one of several reverse proxies. */
	static MixedLoad.Clients proxiedLoad(int port) {
		return load(port).rate(number("chaos.proxied-rate", 8, 150));
	}

	/** Reloads in a row behind reverse proxies: {@code chaos.proxied-reloads}. */
	static int proxiedReloads() {
		return number("chaos.proxied-reloads", 1, 20);
	}

	/**
	 * Least number of requests through each reverse proxy meanwhile:
	 * {@code chaos.proxied-requests}.
	 */
	static int proxiedRequests() {
		return number("chaos.proxied-requests", 60, 50_000);
	}

	/** Workers replaced because of max-requests: {@code chaos.recyclings}. */
	static int recyclings() {
		return number("chaos.recyclings", 1, 100);
	}

	/** Times to scale up and down: {@code chaos.scalings}. */
	static int scalings() {
		return number("chaos.scalings", 1, 10);
	}

	/**
	 * Number of workers for tests that need several: {@code chaos.workers}.
	 */
	static int workers() {
		return number("chaos.workers", 1, 2);
	}

	/** Number of workers after scaling up: {@code chaos.scaled-workers}. */
	static int scaledWorkers() {
		return number("chaos.scaled-workers", 2, 6);
	}

	/** Clients of each kind when the application ends: {@code chaos.last-clients}. */
	static int lastClients() {
		return number("chaos.last-clients", 8, 32);
	}

	/** Milliseconds that each of their requests takes: {@code chaos.last-work}. */
	static int lastWork() {
		return number("chaos.last-work", 60, 20);
	}

	/**
	 * Workers killed one after the other, each when the fleet is complete:
	 * {@code chaos.kills}.
	 */
	static int kills() {
		return number("chaos.kills", 1, 5);
	}

	/**
	 * Workers killed whenever another one serves, none in a fleet of one:
	 * {@code chaos.quick-kills}.
	 */
	static int quickKills() {
		return number("chaos.quick-kills", 0, 30);
	}

	/**
	 * Deaths in a row at one index, the last of a crash loop: {@code chaos.deaths}.
	 */
	static int deaths() {
		return number("chaos.deaths", 2, 7);
	}

	/**
	 * Time for random faults after each has come once: {@code chaos.minutes}, which may
	 * be a fraction.
	 */
	static Duration random() {
		return minutes("chaos.minutes", "5");
	}

	private static Duration minutes(String property, String full) {
		String minutes = System.getProperty(property, FULL ? full : "0");
		return Duration.ofMillis((long) (Double.parseDouble(minutes) * 60_000));
	}

	/**
	 * Whether there are random faults at all.
	 */
	static boolean hasRandom() {
		return random().isPositive();
	}

	/**
	 * Time of a changing load without any fault: {@code chaos.calm-minutes}, which may be
	 * a fraction.
	 */
	static Duration calm() {
		return minutes("chaos.calm-minutes", "5");
	}

	/** Whether there is such a load. */
	static boolean hasCalm() {
		return calm().isPositive();
	}

	/**
	 * Whether the fault campaign draws from every fault, and not only one for each
	 * operation.
	 */
	static boolean everyFault() {
		return FULL || Integer.getInteger("chaos.faults") != null;
	}

	/**
	 * Number of faults of the fault campaign: {@code chaos.faults}.
	 */
	static int faults() {
		return number("chaos.faults", 4, Integer.MAX_VALUE);
	}

	/** Requests a second meanwhile: {@code chaos.trial-rate}. */
	static int trialRate() {
		return number("chaos.trial-rate", 16, 40);
	}

	/** Milliseconds that each of them takes: {@code chaos.trial-work}. */
	static int trialWork() {
		return number("chaos.trial-work", 100, 40);
	}

	/**
	 * Names of these faults, as a regular expression: {@code chaos.fault-filter}.
	 */
	static String faultFilter() {
		return System.getProperty("chaos.fault-filter", ".*");
	}

	/**
	 * Seed that repeats the random order: {@code chaos.seed}.
	 */
	static long seed() {
		return Long.getLong("chaos.seed", System.nanoTime());
	}

	private static int number(String property, int usual, int full) {
		return Integer.getInteger(property, FULL ? full : usual);
	}

}
