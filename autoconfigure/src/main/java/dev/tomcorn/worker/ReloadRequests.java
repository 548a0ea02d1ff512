package dev.tomcorn.worker;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.control.ControlClient;
import dev.tomcorn.core.control.Message;

/**
 * The reloads that clients of this worker wait for.
 */
final class ReloadRequests {

	private static final int MAX_WAITING = 32;

	private final AtomicLong last = new AtomicLong();

	private final Map<Long, CompletableFuture<ReloadOutcome>> waiting = new ConcurrentHashMap<>();

	CompletableFuture<ReloadOutcome> request(ControlClient arbiter) {
		if (this.waiting.size() >= MAX_WAITING) {
			return CompletableFuture
				.completedFuture(new ReloadOutcome(false, "Too many clients of this worker wait for a reload"));
		}
		long number = this.last.incrementAndGet();
		CompletableFuture<ReloadOutcome> outcome = new CompletableFuture<>();
		this.waiting.put(number, outcome);
		arbiter.send(new Message.RequestReload(number));
		return outcome;
	}

	void ended(long number, boolean success, String text) {
		CompletableFuture<ReloadOutcome> outcome = this.waiting.remove(number);
		if (outcome != null) {
			outcome.complete(new ReloadOutcome(success, text));
		}
	}

}
