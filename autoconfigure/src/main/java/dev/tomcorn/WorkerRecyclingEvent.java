package dev.tomcorn;

/**
 * Published in the application's context when its worker has asked to be replaced. It
 * serves on until its successor is ready. Listeners run in a thread of their own.
 *
 * @param worker the worker
 * @param reason why
 */
public record WorkerRecyclingEvent(Worker worker, String reason) {
}
