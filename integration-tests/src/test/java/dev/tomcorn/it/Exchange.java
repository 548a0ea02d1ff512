package dev.tomcorn.it;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A request and its outcome.
 *
 * @param outcome its outcome
 * @param servedBy the worker that served it, if it was answered well
 * @param before the worker that served the request before it on the same connection
 * @param begun reading of {@link System#nanoTime()} before the request, or before its
 * connection when it has a new one
 * @param ended reading of {@link System#nanoTime()} after the answer
 * @param detail the reason of a failure
 */
record Exchange(Outcome outcome, @Nullable ServedBy servedBy, @Nullable ServedBy before, long begun, long ended,
		String detail) {

	private static final JsonMapper JSON = new JsonMapper();

	private static final int OK = 200;

	enum Outcome {

		OK, REFUSED, RESET, CLOSED_UNANSWERED, TIMED_OUT, WRONG_ANSWER

	}

	/**
	 * The worker that served a request, as {@code /whoami}, {@code /io}, {@code /cpu} and
	 * {@code /db} answer.
	 */
	record ServedBy(int worker, long pid, String workerClass, String thread, boolean virtual) {
	}

	static Exchange answered(HttpConnection.Response response, @Nullable ServedBy before, long begun) {
		long ended = System.nanoTime();
		try {
			if (response.status() == OK) {
				ServedBy servedBy = JSON.readValue(response.body(), ServedBy.class);
				return new Exchange(Outcome.OK, servedBy, before, begun, ended, "");
			}
		}
		catch (JacksonException ex) {
			// A wrong answer
		}
		return new Exchange(Outcome.WRONG_ANSWER, null, before, begun, ended,
				response.status() + " " + response.body());
	}

	static Exchange failed(IOException failure, @Nullable ServedBy before, long begun) {
		Outcome outcome = switch (failure) {
			case ConnectException ex -> Outcome.REFUSED;
			case SocketTimeoutException ex -> Outcome.TIMED_OUT;
			case HttpConnection.UnansweredException ex -> Outcome.CLOSED_UNANSWERED;
			case SocketException ex -> Outcome.RESET;
			default -> Outcome.WRONG_ANSWER;
		};
		return new Exchange(outcome, null, before, begun, System.nanoTime(), failure.toString());
	}

	boolean ok() {
		return this.outcome == Outcome.OK;
	}

	/**
	 * Return the worker that served it.
	 * @throws IllegalStateException if none did
	 */
	ServedBy served() {
		if (this.servedBy == null) {
			throw new IllegalStateException("Not answered: " + this);
		}
		return this.servedBy;
	}

	Duration took() {
		return Duration.ofNanos(this.ended - this.begun);
	}

}
