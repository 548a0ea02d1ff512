package dev.tomcorn;

/**
 * Published in the application's context when its worker gives up its leadership. No
 * other worker becomes the leader before the listeners have returned, so they can end the
 * work that they began at the {@link LeadershipAcquiredEvent}. Not published by a worker
 * that is killed or crashes.
 *
 * @param worker the worker
 */
public record LeadershipLostEvent(Worker worker) {
}
