package dev.tomcorn;

/**
 * Published in the application's context when its worker has asked to be replaced. It
 * continues to serve until its replacement is ready. Listeners run in a thread of their
 * own.
 *
 * @param worker the worker
 * @param reason the reason
 */
public record WorkerRecyclingEvent(Worker worker, String reason) {
}
