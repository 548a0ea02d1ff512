package dev.tomcorn;

/**
 * Published in the application's context when its worker has become the leader: the
 * moment to begin what only a leader does all the time. Listeners run one after the other
 * in a thread of their own, in which the {@link LeadershipLostEvent} follows.
 *
 * @param worker the worker
 */
public record LeadershipAcquiredEvent(Worker worker) {
}
