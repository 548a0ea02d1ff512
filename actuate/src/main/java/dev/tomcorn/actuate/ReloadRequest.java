package dev.tomcorn.actuate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Operation;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * Answers a request to restart the application by a reload of the fleet. Spring Cloud
 * would restart it in the JVM of one worker, where the port is still in use.
 */
final class ReloadRequest {

	/**
	 * An arbiter that runs answers within milliseconds.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(5);

	private static final byte[] RESTARTING = "{\"message\":\"Restarting\"}".getBytes(StandardCharsets.UTF_8);

	private final Function<Operation, CompletableFuture<Answer>> arbiter;

	ReloadRequest(Function<Operation, CompletableFuture<Answer>> arbiter) {
		this.arbiter = arbiter;
	}

	void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
		if (!request.getMethod().equals("POST")) {
			response.setHeader("Allow", "POST");
			response.setStatus(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
			return;
		}
		CompletableFuture<Answer> asked = this.arbiter.apply(new Operation.Reload(false));
		try {
			answer(asked.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS), response);
		}
		catch (TimeoutException ex) {
			asked.cancel(false);
			ProblemResponse.UNAVAILABLE.send(response, "The arbiter does not answer");
		}
		catch (ExecutionException ex) {
			ProblemResponse.UNAVAILABLE.send(response, "The arbiter is unavailable: " + ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			ProblemResponse.UNAVAILABLE.send(response, "Interrupted");
		}
	}

	private static void answer(Answer answer, HttpServletResponse response) throws IOException {
		if (answer.outcome() != Answer.Outcome.STARTED && answer.outcome() != Answer.Outcome.SUCCEEDED) {
			ProblemResponse.CONFLICT.send(response, answer.message());
			return;
		}
		response.setContentType("application/json");
		response.setContentLength(RESTARTING.length);
		response.getOutputStream().write(RESTARTING);
	}

}
