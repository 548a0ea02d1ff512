package net.javacrumbs.shedlock.provider.inmemory;

/**
 * Stands in for ShedLock's class.
 */
public class InMemoryLockProvider {

}
