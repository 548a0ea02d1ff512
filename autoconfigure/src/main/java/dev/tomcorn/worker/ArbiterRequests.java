package dev.tomcorn.worker;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Operation;
import dev.tomcorn.core.control.ControlClient;
import dev.tomcorn.core.control.Message;

/**
 * The operations that clients of this worker have requested and wait for. The caller
 * limits their number.
 */
final class ArbiterRequests {

	private final AtomicLong last = new AtomicLong();

	private final Map<Long, CompletableFuture<Answer>> waiting = new ConcurrentHashMap<>();

	/**
	 * Ask the arbiter.
	 * @return the answer; the caller cancels it to stop waiting
	 */
	CompletableFuture<Answer> ask(ControlClient arbiter, Operation operation) {
		long number = this.last.incrementAndGet();
		CompletableFuture<Answer> answer = new CompletableFuture<>();
		this.waiting.put(number, answer);
		answer.whenComplete((result, ex) -> this.waiting.remove(number));
		arbiter.send(new Message.Request(number, operation));
		return answer;
	}

	void answered(long number, Answer answer) {
		CompletableFuture<Answer> asked = this.waiting.get(number);
		if (asked != null) {
			asked.complete(answer);
		}
	}

}
