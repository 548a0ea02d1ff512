package dev.tomcorn.it;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;

import dev.tomcorn.it.Exchange.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * A request of the mixed load that was not answered well.
 *
 * @param outcome its outcome
 * @param call the request
 * @param server the process that had answered on the same connection before, 0 if none
 * had
 * @param begun reading of {@link System#nanoTime()} before the request, or before its
 * connection when it has a new one
 * @param ended reading of {@link System#nanoTime()} after it
 * @param detail the reason
 */
record Failure(Outcome outcome, Call call, long server, long begun, long ended, String detail) {

	/**
	 * Return the outcome of a request whose connection failed.
	 */
	static Outcome outcome(IOException failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			Outcome outcome = of(cause);
			if (outcome != null) {
				return outcome;
			}
		}
		return Outcome.WRONG_ANSWER;
	}

	private static @Nullable Outcome of(Throwable cause) {
		return switch (cause) {
			case Http2Wire.StreamResetException ex when ex.refused() -> Outcome.REFUSED;
			case ConnectException ex -> Outcome.REFUSED;
			case SocketTimeoutException ex -> Outcome.TIMED_OUT;
			case SocketException ex -> Outcome.RESET;
			case EOFException ex -> Outcome.CLOSED_UNANSWERED;
			default -> null;
		};
	}

	/**
	 * Return whether it was the first request on its connection, so that its worker is
	 * unknown.
	 */
	boolean onNewConnection() {
		return this.server == 0;
	}

}
