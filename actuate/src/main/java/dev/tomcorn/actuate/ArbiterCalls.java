package dev.tomcorn.actuate;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Operation;
import dev.tomcorn.worker.WorkerProcess;

/**
 * What clients of this worker ask its arbiter for. Each takes a thread that waits, which
 * health and the view of the fleet may need: so there are few at a time, and none waits
 * for an arbiter that shows no sign of life.
 */
final class ArbiterCalls {

	/**
	 * Most clients that wait at a time. The threads of a management port are four times
	 * as many, of which the requests that this worker hands on take half at most.
	 */
	static final int MAX_WAITING = 4;

	private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

	/**
	 * When this worker is the last to be replaced, the outcome comes while it drains.
	 * When it is replaced for another reason, no outcome may come in its time.
	 */
	private static final Duration PATIENCE_WHEN_ENDING = Duration.ofSeconds(2);

	/**
	 * Longest wait for the end of an operation. Less than a worker waits for another that
	 * it has handed the request on to.
	 */
	private static final Duration LONGEST_WAIT = Duration.ofMinutes(9);

	private final Function<Operation, CompletableFuture<Answer>> arbiter;

	private final BooleanSupplier arbiterSilent;

	private final BooleanSupplier ending;

	private final Semaphore waiting = new Semaphore(MAX_WAITING);

	/**
	 * Create the calls of a worker.
	 * @param arbiter asks the arbiter, without waiting
	 * @param arbiterSilent whether the arbiter shows no sign of life
	 * @param ending whether this worker is on its way to its end
	 */
	ArbiterCalls(Function<Operation, CompletableFuture<Answer>> arbiter, BooleanSupplier arbiterSilent,
			BooleanSupplier ending) {
		this.arbiter = arbiter;
		this.arbiterSilent = arbiterSilent;
		this.ending = ending;
	}

	static ArbiterCalls of(WorkerProcess process) {
		return new ArbiterCalls(process::ask, process.scoreboard()::isArbiterSilent, process::isEnding);
	}

	/**
	 * The arbiter cannot be asked, or does not answer.
	 */
	static final class UnavailableException extends Exception {

		private static final long serialVersionUID = 1L;

		UnavailableException(String message) {
			super(message);
		}

		@Override
		public String getMessage() {
			return String.valueOf(super.getMessage());
		}

	}

	/**
	 * Ask for something that is answered soon.
	 * @param patience longest time to wait
	 */
	Answer ask(Operation operation, Duration patience) throws UnavailableException, InterruptedException {
		return ask(operation, (answer) -> {
			long start = System.nanoTime();
			while (!isThere(answer)) {
				if (System.nanoTime() - start >= patience.toNanos()) {
					throw new UnavailableException("The arbiter has not answered within " + patience.toSeconds()
							+ " s; what was asked for may still be done");
				}
			}
			return answer.join();
		});
	}

	/**
	 * Ask for something that takes its time, and wait for its end.
	 */
	Answer askAndAwaitEnd(Operation operation) throws UnavailableException, InterruptedException {
		return ask(operation, this::awaitEnd);
	}

	private Answer awaitEnd(CompletableFuture<Answer> answer) throws UnavailableException, InterruptedException {
		long start = System.nanoTime();
		long endingSince = 0;
		boolean leaving = false;
		while (!isThere(answer)) {
			long now = System.nanoTime();
			if (!leaving && this.ending.getAsBoolean()) {
				leaving = true;
				endingSince = now;
			}
			if (leaving && now - endingSince >= PATIENCE_WHEN_ENDING.toNanos()) {
				return new Answer(Answer.Outcome.STARTED, "That goes on, but the worker that was asked ends before it");
			}
			if (now - start >= LONGEST_WAIT.toNanos()) {
				return new Answer(Answer.Outcome.STARTED,
						"That goes on: its end has not come within " + LONGEST_WAIT.toMinutes() + " min");
			}
		}
		return answer.join();
	}

	/**
	 * Waits for an answer.
	 */
	private interface Waiting {

		Answer await(CompletableFuture<Answer> answer) throws UnavailableException, InterruptedException;

	}

	private Answer ask(Operation operation, Waiting wait) throws UnavailableException, InterruptedException {
		if (this.arbiterSilent.getAsBoolean()) {
			throw new UnavailableException("The arbiter shows no sign of life: it was not asked");
		}
		if (!this.waiting.tryAcquire()) {
			throw new UnavailableException(
					"%d clients of this worker wait for the arbiter already, which is the limit: it was not asked"
						.formatted(MAX_WAITING));
		}
		try {
			CompletableFuture<Answer> answer = this.arbiter.apply(operation);
			try {
				return wait.await(answer);
			}
			finally {
				// Whoever does not wait any longer says so
				answer.cancel(false);
			}
		}
		finally {
			this.waiting.release();
		}
	}

	/**
	 * Wait a moment for an answer.
	 * @throws UnavailableException if none can come
	 */
	private boolean isThere(CompletableFuture<Answer> answer) throws UnavailableException, InterruptedException {
		try {
			answer.get(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
			return true;
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex.getCause());
		}
		catch (TimeoutException ex) {
			if (this.arbiterSilent.getAsBoolean()) {
				throw new UnavailableException(
						"The arbiter shows no sign of life any more; what was asked for may still be done");
			}
			return false;
		}
	}

}
