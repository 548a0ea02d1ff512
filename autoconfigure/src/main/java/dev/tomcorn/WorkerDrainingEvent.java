package dev.tomcorn;

/**
 * Published in the application's context when its worker has stopped taking connections
 * and begins to finish its requests. A listener can complete streams that would not end
 * by themselves. The drain goes on once the listeners have returned. Gunicorn: {@code
 * worker_int}, {@code worker_exit}.
 *
 * @param worker the worker
 */
public record WorkerDrainingEvent(Worker worker) {
}
