package dev.tomcorn;

/**
 * Published in the application's context when its worker has become the leader. A
 * listener can start continuous work of the leader. Listeners run one after the other in
 * a thread of their own. The {@link LeadershipLostEvent} follows in the same thread.
 *
 * @param worker the worker
 */
public record LeadershipAcquiredEvent(Worker worker) {
}
