package dev.tomcorn.worker;

import java.time.Duration;

/**
 * Limits after which a worker is replaced. Zero stands for no limit.
 *
 * @param maxRequests number of requests
 * @param maxRequestsJitter maximum of the random number that is added to it
 * @param maxLifetime time since it was ready
 * @param maxMemory resident memory, in bytes
 * @param maxHeapAfterGc heap in use after a collection, in bytes
 */
public record RecycleLimits(int maxRequests, int maxRequestsJitter, Duration maxLifetime, long maxMemory,
		long maxHeapAfterGc) {
}
