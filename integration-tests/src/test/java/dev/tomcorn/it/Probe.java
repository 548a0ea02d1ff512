package dev.tomcorn.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.tomcorn.it.Exchange.Outcome;

/**
 * Sends one request after the other, each on a new connection, and finds the longest time
 * without an answer.
 */
final class Probe implements AutoCloseable {

	private static final int PAUSE_MILLIS = Boolean.getBoolean("chaos.full") ? 25 : 100;

	private static final String PATH = "/whoami";

	private final LoadGenerator generator;

	private final List<Failure> failures = new ArrayList<>();

	private final Thread thread;

	private volatile boolean stopped;

	private volatile long lastAnswer = System.nanoTime();

	private volatile long longestGap;

	Probe(DemoProcess app) {
		this.generator = app.load();
		this.thread = Thread.ofVirtual().start(this::run);
	}

	private void run() {
		try {
			while (!this.stopped) {
				Exchange exchange = this.generator.send(PATH).join();
				if (exchange.ok()) {
					this.longestGap = Math.max(this.longestGap, exchange.ended() - this.lastAnswer);
					this.lastAnswer = exchange.ended();
				}
				else {
					synchronized (this.failures) {
						this.failures.add(failure(exchange, PATH));
					}
				}
				TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	static Failure failure(Exchange exchange, String path) {
		return new Failure(exchange.outcome(), new Call(path, 0, -1), 0, exchange.begun(), exchange.ended(),
				exchange.detail());
	}

	/**
	 * Return whether the last request was refused.
	 */
	boolean refused() {
		synchronized (this.failures) {
			return !this.failures.isEmpty() && this.failures.getLast().outcome() == Outcome.REFUSED;
		}
	}

	List<Failure> failures() {
		synchronized (this.failures) {
			return List.copyOf(this.failures);
		}
	}

	/**
	 * Return the longest time between two answers, including the time since the last one.
	 */
	Duration longestGap() {
		return Duration.ofNanos(Math.max(this.longestGap, System.nanoTime() - this.lastAnswer));
	}

	/**
	 * Let the last request end.
	 */
	void stop() {
		this.stopped = true;
		try {
			this.thread.join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void close() {
		stop();
	}

}
