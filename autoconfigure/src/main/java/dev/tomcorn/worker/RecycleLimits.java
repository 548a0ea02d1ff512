package dev.tomcorn.worker;

import java.time.Duration;

/**
 * What ends a worker's useful life, so that it is replaced. Zero stands for no limit.
 *
 * @param maxRequests number of requests
 * @param maxRequestsJitter most requests that are added to it, at random
 * @param maxLifetime time since it was ready
 * @param maxMemory resident memory, in bytes
 * @param maxHeapAfterGc heap in use after a collection, in bytes
 */
public record RecycleLimits(int maxRequests, int maxRequestsJitter, Duration maxLifetime, long maxMemory,
		long maxHeapAfterGc) {
}
