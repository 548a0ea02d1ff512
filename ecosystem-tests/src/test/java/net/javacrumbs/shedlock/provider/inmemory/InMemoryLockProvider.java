package net.javacrumbs.shedlock.provider.inmemory;

/**
 * Stands in for ShedLock's.
 */
public class InMemoryLockProvider {

}
