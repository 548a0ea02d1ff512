package dev.tomcorn;

/**
 * Published in the application's context when its worker begins to take traffic: after it
 * has booted or, for a standby, once it is needed. Listeners run in a thread of their
 * own. Gunicorn: {@code post_worker_init}.
 *
 * @param worker the worker
 */
public record WorkerReadyEvent(Worker worker) {
}
