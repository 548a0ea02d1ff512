package dev.tomcorn.core.shell;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Operation;
import dev.tomcorn.core.control.OperatorCall;

/**
 * Requests an operation from the arbiter and prints its outcome, within bounded time.
 */
final class Steering {

	/**
	 * An arbiter that runs shows within milliseconds that it listens.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(5);

	private static final Duration STOP_ANSWER = Duration.ofSeconds(10);

	private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

	private final RunningFleet fleet;

	private final Output output;

	Steering(RunningFleet fleet, Output output) {
		this.fleet = fleet;
		this.output = output;
	}

	/**
	 * Request the operation.
	 * @return the exit code
	 */
	int steer(CommandLine line) {
		Duration timeout = line.timeout();
		try {
			return switch (line.verb()) {
				case RELOAD -> ask(new Operation.Reload(line.awaitsEnd(), line.release()), timeout);
				case SCALE -> ask(new Operation.Scale(line.number(), line.awaitsEnd()), timeout);
				case RECYCLE -> ask(new Operation.Recycle(line.number(), line.awaitsEnd()), timeout);
				case DUMP -> ask(new Operation.Dump(line.number()), timeout);
				case PAUSE -> ask(new Operation.Pause(line.awaitsEnd()), timeout);
				case RESUME -> ask(new Operation.Resume(line.awaitsEnd()), timeout);
				case STOP -> stop(line.fast(), timeout);
				case STATUS, WORKERS, REQUESTS, PRELOAD ->
					throw new IllegalArgumentException("Not an operation: " + line.verb());
			};
		}
		catch (IOException ex) {
			this.output.failed("The arbiter (pid %d) does not answer: %s%s".formatted(this.fleet.pid(), ex.getMessage(),
					this.fleet.isFrozen() ? "; a signal has stopped it" : ""));
			return ExitCode.NO_ANSWER;
		}
		catch (TimeoutException ex) {
			this.output
				.failed("The arbiter (pid %d) has not reported the outcome: %s. The operation may still be in progress"
					.formatted(this.fleet.pid(), ex.getMessage()));
			return ExitCode.FAILED;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return ExitCode.FAILED;
		}
	}

	private int ask(Operation operation, Duration limit) throws IOException, TimeoutException, InterruptedException {
		return this.output
			.answer(OperatorCall.ask(this.fleet.controlSocket(), operation, least(PATIENCE, limit), limit));
	}

	private int stop(boolean fast, Duration limit) throws IOException, TimeoutException, InterruptedException {
		long start = System.nanoTime();
		Answer answer;
		try {
			answer = OperatorCall.ask(this.fleet.controlSocket(), new Operation.Stop(fast), least(PATIENCE, limit),
					least(STOP_ANSWER, limit));
		}
		catch (IOException ex) {
			if (!this.fleet.hasEnded()) {
				throw ex;
			}
			answer = new Answer(Answer.Outcome.STARTED, "Stopping");
		}
		if (!answer.outcome().isGood()) {
			return this.output.answer(answer);
		}
		this.output.progress(answer.message());
		while (!this.fleet.hasEnded()) {
			if (System.nanoTime() - start >= limit.toNanos()) {
				this.output.failed("The arbiter (pid %d) has not ended within %d s: it is still stopping"
					.formatted(this.fleet.pid(), limit.toSeconds()));
				return ExitCode.FAILED;
			}
			LockSupport.parkNanos(POLL_INTERVAL.toNanos());
		}
		return this.output.answer(new Answer(Answer.Outcome.SUCCEEDED, String.format(Locale.ROOT,
				"The arbiter (pid %d) has ended after %.1f s", this.fleet.pid(), (System.nanoTime() - start) / 1e9)));
	}

	private static Duration least(Duration one, Duration other) {
		return (one.compareTo(other) < 0) ? one : other;
	}

}
