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
 * Calls to the arbiter on behalf of this worker's clients. Each call blocks a thread, and
 * health and the view of the fleet need threads too. So only a few run at a time, and
 * none waits for an arbiter that shows no sign of life.
 */
final class ArbiterCalls {

	/**
	 * Most clients that wait at a time. A management port has four times as many threads,
	 * and forwarded requests take at most half of them.
	 */
	static final int MAX_WAITING = 4;

	private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

	/**
	 * When this worker is the last to be replaced, the outcome comes while it drains.
	 * When it is replaced for another reason, the outcome may come after its end.
	 */
	private static final Duration PATIENCE_WHEN_ENDING = Duration.ofSeconds(2);

	/**
	 * Longest wait for the end of an operation. Shorter than a worker waits for the
	 * answer to a request that it has forwarded.
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
	 * @param ending whether this worker is ending
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
	 * The arbiter is unavailable, or does not answer.
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
	 * Ask for an operation that the arbiter answers at once.
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
	 * Ask for an operation that takes long, and wait for its end.
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
				return new Answer(Answer.Outcome.STARTED, "Still in progress; the worker that was asked ends first");
			}
			if (now - start >= LONGEST_WAIT.toNanos()) {
				return new Answer(Answer.Outcome.STARTED,
						"Still in progress after " + LONGEST_WAIT.toMinutes() + " min");
			}
		}
		return answer.join();
	}

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
				// Tells the arbiter that this client waits no longer
				answer.cancel(false);
			}
		}
		finally {
			this.waiting.release();
		}
	}

	/**
	 * Wait for one poll interval for an answer.
	 * @throws UnavailableException if the arbiter shows no sign of life
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
