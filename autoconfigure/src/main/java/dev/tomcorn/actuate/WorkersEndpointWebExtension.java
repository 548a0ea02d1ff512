package dev.tomcorn.actuate;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.tomcorn.worker.ReloadOutcome;
import dev.tomcorn.worker.WorkerProcess;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} with the page for people and the
 * operations that change the fleet. These are closed unless the operator opens them by
 * {@code management.endpoint.workers.access}.
 */
@EndpointWebExtension(endpoint = WorkersEndpoint.class)
public final class WorkersEndpointWebExtension {

	private static final int ACCEPTED = 202;

	private static final int CONFLICT = 409;

	private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

	/**
	 * When this worker is the last to be replaced, the outcome comes while it drains.
	 * When it is replaced for another reason, no outcome may come in its time.
	 */
	private static final Duration PATIENCE_WHEN_ENDING = Duration.ofSeconds(2);

	private final WorkerProcess process;

	private final WorkersEndpoint endpoint;

	private final FleetPage page;

	/**
	 * Create the extension.
	 * @param process the worker that answers
	 * @param endpoint what it extends
	 * @param access whether the operations that change the fleet are open
	 */
	public WorkersEndpointWebExtension(WorkerProcess process, WorkersEndpoint endpoint, Access access) {
		this.process = process;
		this.endpoint = endpoint;
		this.page = new FleetPage(access);
	}

	/**
	 * Return the fleet, as JSON or to a browser as a page.
	 * @param format what the client asks for
	 * @return the description of the fleet or the page
	 */
	@ReadOperation(producesFrom = FleetFormat.class)
	public Object fleet(FleetFormat format) {
		return (format == FleetFormat.PAGE) ? this.page.response() : this.endpoint.workers();
	}

	/**
	 * What can be asked for.
	 */
	public enum Action {

		/** A new generation of workers, from what is on disk now. */
		RELOAD

	}

	/**
	 * What has become of an action.
	 *
	 * @param outcome SUCCEEDED, FAILED or, when nobody has waited, STARTED
	 * @param message what happened
	 */
	public record ActionDescriptor(String outcome, String message) {
	}

	/**
	 * Change the fleet.
	 * @param action what to do
	 * @param wait whether to answer only once it is known how that ended
	 * @return 200 when it succeeded, 202 when it goes on, 409 when it failed
	 * @throws InterruptedException if the request is interrupted
	 */
	@WriteOperation
	public WebEndpointResponse<ActionDescriptor> act(Action action, @Nullable Boolean wait)
			throws InterruptedException {
		return switch (action) {
			case RELOAD -> reload(Boolean.TRUE.equals(wait));
		};
	}

	private WebEndpointResponse<ActionDescriptor> reload(boolean wait) throws InterruptedException {
		CompletableFuture<ReloadOutcome> outcome = this.process.requestReload();
		long patienceEnds = Long.MAX_VALUE;
		while (!outcome.isDone()) {
			if (!wait) {
				return response(ACCEPTED, "STARTED", "Asked the arbiter for a reload");
			}
			if (patienceEnds == Long.MAX_VALUE && this.process.isEnding()) {
				patienceEnds = System.nanoTime() + PATIENCE_WHEN_ENDING.toNanos();
			}
			if (System.nanoTime() >= patienceEnds) {
				return response(ACCEPTED, "STARTED",
						"The reload goes on, but the worker that was asked ends before it");
			}
			await(outcome);
		}
		ReloadOutcome result = outcome.join();
		return result.success() ? response(WebEndpointResponse.STATUS_OK, "SUCCEEDED", result.message())
				: response(CONFLICT, "FAILED", result.message());
	}

	private static void await(CompletableFuture<ReloadOutcome> outcome) throws InterruptedException {
		try {
			outcome.get(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (TimeoutException ex) {
			// Look again
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex.getCause());
		}
	}

	private static WebEndpointResponse<ActionDescriptor> response(int status, String outcome, String message) {
		return new WebEndpointResponse<>(new ActionDescriptor(outcome, message), status);
	}

}
